"""What a decision is made from: inputs, members, what a head was made from, files; read from the store."""
