"""One file for each kind of page, and for what people do on it."""
