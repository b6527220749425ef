"""A project as one file to send to somebody: no server, no network, no script."""
