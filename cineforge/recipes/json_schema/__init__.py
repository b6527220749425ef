"""Data and schemas against JSON Schemas."""
