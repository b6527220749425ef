"""Who writes, what they reserved, and what the dead left."""
