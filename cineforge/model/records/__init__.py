"""What is written down of runs and plans: decisions, events, states, reports."""
