"""The text of compiled workflows."""
