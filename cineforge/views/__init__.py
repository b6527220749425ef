"""A project to look at: its graph as data and as pictures, its pages."""

from cineforge.views.graph_view import artifact_graph
from cineforge.views.past_graph import PastGraph, PastNode, PastRequest, past_graph

__all__ = ["PastGraph", "PastNode", "PastRequest", "artifact_graph", "past_graph"]
