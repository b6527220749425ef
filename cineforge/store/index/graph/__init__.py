"""The artifacts of a project as a graph to draw."""
