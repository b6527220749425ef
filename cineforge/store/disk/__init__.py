"""Files written and read safely; nothing here knows what a version is."""
