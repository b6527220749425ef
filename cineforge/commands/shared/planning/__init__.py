"""What the commands that plan have in common: probes made first, the answer, the plan as a file."""
