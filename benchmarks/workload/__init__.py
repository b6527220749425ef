"""The work that is compared: a story of N scenes -> script -> breakdown -> N tiny analyses -> one board."""
