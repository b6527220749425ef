"""Module folders: found, read, checked."""
