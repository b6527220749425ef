"""A project to look at: its graph as data and as pictures, its pages."""

from cineforge.views.graph_view import artifact_graph

__all__ = ["artifact_graph"]
