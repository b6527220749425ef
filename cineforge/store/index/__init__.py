"""The index: what the folders say, in a form that answers quickly. Derived; it can be rebuilt at any time."""
