"""From staged payloads to versions: numbered, sealed, renamed, registered."""
