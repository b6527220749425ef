"""Files read with positions, so that every mistake is told with its place."""
