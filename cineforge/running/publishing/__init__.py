"""What jobs made, turned into versions: all or none, and kept in the run's folder where somebody stands in the way."""
