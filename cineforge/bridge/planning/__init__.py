"""The plan of a run: what its rules wait for, what is decided, numbered and claimed."""
