"""Versions on disk: staged, sealed, read, compared, verified; and the links to them."""
