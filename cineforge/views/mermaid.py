"""The graph of the artifacts for Mermaid, as used in Markdown files."""

from __future__ import annotations

from collections.abc import Iterator

from cineforge.model.display.visible import visible_line
from cineforge.model.records.artifact_graph import ArtifactGraph, GraphEdge, GraphNode
from cineforge.recipes.stage_graph import escaped_for_mermaid
from cineforge.views.labels import (
    CHANGED_SIGN,
    SIGNS,
    change_line,
    edge_label,
    label_lines,
    state_of,
    states_shown,
    words_of,
)
from cineforge.views.look import CHANGED, CHANGED_EDGE, LOOKS, STALE_EDGE, Look

#: So many changes are told in the legend.
CHANGES = 8
_SHAPES = {"artifact": ("[", "]"), "group": ("[[", "]]"), "version": (">", "]")}


def to_mermaid(graph: ArtifactGraph) -> str:
    """The graph with its legend."""
    return "\n".join(_lines(graph)) + "\n"


def _lines(graph: ArtifactGraph) -> Iterator[str]:
    yield "flowchart LR"
    # Names hold what Mermaid reads as something else ('end', '/', '@'), so nodes are numbered.
    ids = {node.id: f"n{place}" for place, node in enumerate(graph.nodes, 1)}
    kinds = {node.id: node.kind for node in graph.nodes}
    for node in graph.nodes:
        left, right = (
            ("{{", "}}") if node.by_hand and node.kind == "artifact" else _SHAPES[node.kind]
        )
        yield f"  {ids[node.id]}{left}{_label(label_lines(node))}{right}:::{_class(node)}"
    styles: list[str] = []
    for place, edge in enumerate(graph.edges):
        whole = "group" not in (kinds[edge.source], kinds[edge.target])
        label = edge_label(edge, whole)
        written = f"|{_label([label])}|" if label else ""
        yield f"  {ids[edge.source]} {_arrow(edge)}{written} {ids[edge.target]}"
        if edge.changed or edge.carried:
            look = CHANGED_EDGE if edge.changed else STALE_EDGE
            styles.append(f"  linkStyle {place} stroke:{look.line},stroke-width:{look.width}px")
    yield from _legend(graph)
    yield from styles
    for state, look in LOOKS.items():
        yield f"  classDef {state} {_style(look)}"
    yield f"  classDef changed {_style(CHANGED)}"


def _class(node: GraphNode) -> str:
    return "changed" if node.changed else state_of(node)


def _arrow(edge: GraphEdge) -> str:
    if edge.kind == "members" or (edge.carried and not edge.changed):
        return "-.->"
    return "==>" if edge.changed else "-->"


def _legend(graph: ArtifactGraph) -> Iterator[str]:
    yield '  subgraph legend["legend"]'
    for state in states_shown(graph):
        yield f"    l_{state}[{_label([f'{SIGNS[state]} {words_of(state)}'])}]:::{state}"
    for place, change in enumerate(graph.changes[:CHANGES]):
        yield f"    l_change_{place}[{_label([f'{CHANGED_SIGN} {change_line(change)}'])}]:::changed"
    more = len(graph.changes) - CHANGES
    if more > 0:
        yield f"    l_more[{_label([f'and {more} more changes: cineforge status'])}]"
    yield "  end"


def _label(lines: Iterator[str] | list[str]) -> str:
    return f'"{"<br/>".join(escaped_for_mermaid(visible_line(line)) for line in lines)}"'


def _style(look: Look) -> str:
    style = f"fill:{look.fill},stroke:{look.line},stroke-width:{look.width}px,color:#111"
    return f"{style},stroke-dasharray:{look.dashes}" if look.dashes else style
