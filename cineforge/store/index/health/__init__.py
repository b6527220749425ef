"""Heads, members and health, brought up to date in the index, and explained."""
