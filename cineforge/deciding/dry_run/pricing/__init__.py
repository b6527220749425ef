"""What a plan would cost, and how long it would take."""
