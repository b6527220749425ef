"""The process of a run: how it starts, ends and tells errors."""
