"""Runs read afterwards, or from elsewhere while they go."""
