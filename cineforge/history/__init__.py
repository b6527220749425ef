"""What runs did, written as they go and read afterwards."""
