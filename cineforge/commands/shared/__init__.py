"""What several commands need: options, tables, and how things are said to people."""
