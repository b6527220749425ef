"""Warm worker processes, and what crosses their border: calls of modules and reports."""
