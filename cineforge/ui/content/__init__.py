"""Facts laid out for reading: pure, but for templates."""
