"""From a sound recipe file to stages whose inputs are known."""
