"""The same work by other tools: a file for each, and in `given` what it finds in its folder."""
