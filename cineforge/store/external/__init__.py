"""What was done to the folders by others than the store: git pull, copies, deletions."""
