"""What a run was asked for: targets, options and limits."""
