"""The tables of the index, and the rows that versions become."""
