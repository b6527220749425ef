"""The payloads of the types that are CineForge's own: collections, and the project's configuration."""
