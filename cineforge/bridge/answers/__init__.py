"""What input functions are answered with: by a run and, while a report is made, of what is there."""
