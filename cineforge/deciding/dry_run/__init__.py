"""What a run would do, told without running it."""
