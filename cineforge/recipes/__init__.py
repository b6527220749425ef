"""Recipes and modules: found, read, checked, and resolved into stages whose inputs are known."""
