"""How things are shown to people: characters that terminals obey, money, time."""
