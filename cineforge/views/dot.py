"""The graph of the artifacts for Graphviz."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from html import escape

from cineforge.model.display.visible import visible_line
from cineforge.model.records.artifact_graph import ArtifactGraph, GraphEdge, GraphNode
from cineforge.recipes.stage_graph import quoted_for_dot
from cineforge.views.labels import (
    APPROVAL_SIGN,
    CHANGED_SIGN,
    SIGNS,
    change_line,
    edge_label,
    label_lines,
    state_of,
    states_shown,
    words_of,
)
from cineforge.views.look import CHANGED, CHANGED_EDGE, LOOKS, PLAIN_EDGE, STALE_EDGE, Look

#: So many changes are told below the picture.
CHANGES = 8
_FONT = "Helvetica,Arial,sans-serif"


def to_dot(graph: ArtifactGraph, link: Callable[[GraphNode], str] | None = None) -> str:
    """The graph with its legend; `link` tells the address that a node leads to."""
    return "\n".join(_lines(graph, link)) + "\n"


def _lines(graph: ArtifactGraph, link: Callable[[GraphNode], str] | None) -> Iterator[str]:
    yield 'digraph "artifacts" {'
    yield "  rankdir=LR;"
    yield "  nodesep=0.18;"
    yield "  ranksep=0.4;"
    yield f'  node [shape=box, style=filled, fontname="{_FONT}", fontsize=11, margin="0.12,0.06"];'
    yield f'  edge [fontname="{_FONT}", fontsize=9, arrowsize=0.7];'
    kinds = {node.id: node.kind for node in graph.nodes}
    for node in graph.nodes:
        leads = "" if link is None else f", URL={quoted_for_dot(link(node))}"
        yield f"  {quoted_for_dot(node.id)} [{_node(node)}{leads}];"
    for edge in graph.edges:
        whole = "group" not in (kinds[edge.source], kinds[edge.target])
        ends = f"{quoted_for_dot(edge.source)} -> {quoted_for_dot(edge.target)}"
        yield f"  {ends} [{_edge(edge, whole)}];"
    # No artifact has such a name.
    yield f'  "*legend*" [shape=plain, style="", label=<{_legend(graph)}>];'
    yield "}"


def _node(node: GraphNode) -> str:
    look = LOOKS[state_of(node)]
    fill, line, width = look.fill, look.line, look.width
    if node.changed:
        fill, line, width = CHANGED.fill, CHANGED.line, CHANGED.width
    shape = {"group": "box3d", "version": "note"}.get(
        node.kind, "octagon" if node.by_hand else "box"
    )
    parts = [
        f"label={quoted_for_dot(chr(10).join(label_lines(node)))}",
        f"shape={shape}",
        f'fillcolor="{fill}"',
        f'color="{line}"',
        f"penwidth={width}",
        f'style="filled,{look.style}"',
    ]
    if node.kind == "group":
        parts.append('margin="0.18,0.12"')
    elif node.held:
        parts.append("peripheries=2")
    if node.asked:
        parts.append(f'fontname="{_FONT} bold"')
    return ", ".join(parts)


def _edge(edge: GraphEdge, whole: bool) -> str:
    look = CHANGED_EDGE if edge.changed else STALE_EDGE if edge.carried else PLAIN_EDGE
    style = "dotted" if edge.kind == "members" else look.style
    parts = [f'color="{look.line}"', f"penwidth={look.width}", f'style="{style}"']
    label = edge_label(edge, whole)
    if label:
        parts.append(f"label={quoted_for_dot(label)}")
        parts.append(f'fontcolor="{look.line}"')
    return ", ".join(parts)


def _legend(graph: ArtifactGraph) -> str:
    rows = [
        _row(LOOKS[state], f"{SIGNS[state]} {words_of(state)}", "") for state in states_shown(graph)
    ]
    if graph.changes:
        rows.append(_row(CHANGED, f"{CHANGED_SIGN} changed", "and made others stale"))
        rows.append(_row(CHANGED_EDGE, "thick arrow", "read what was there before the change"))
    if any(node.to_approve for node in graph.nodes):
        rows.append(_row(PLAIN_EDGE, f"{APPROVAL_SIGN} to be approved", "what reads it waits"))
    if any(edge.carried for edge in graph.edges):
        rows.append(_row(STALE_EDGE, "dashed arrow", "stale, as what it read is"))
    rows.append(_row(PLAIN_EDGE, "arrow", "from what was read to what was made of it"))
    if any(node.kind == "group" for node in graph.nodes):
        rows.append(_row(PLAIN_EDGE, "box with depth", "many artifacts: --expand TYPE opens them"))
    if any(node.by_hand and node.kind != "group" for node in graph.nodes):
        rows.append(_row(PLAIN_EDGE, "eight corners", "made by a person"))
    if any(node.held and node.kind != "group" for node in graph.nodes):
        rows.append(_row(PLAIN_EDGE, "double border", "held: no run replaces it"))
    lines = [f"{CHANGED_SIGN} {change_line(change)}" for change in graph.changes[:CHANGES]]
    more = len(graph.changes) - CHANGES
    if more > 0:
        lines.append(f"and {more} more changes: cineforge status")
    rows += [
        f'<TR><TD COLSPAN="2" ALIGN="LEFT"><FONT POINT-SIZE="10">{_text(line)}</FONT></TD></TR>'
        for line in lines
    ]
    return f'<TABLE BORDER="0" CELLSPACING="4" CELLPADDING="3">{"".join(rows)}</TABLE>'


def _row(look: Look, sign: str, text: str) -> str:
    style = "" if look.style == "solid" else f' STYLE="{look.style.upper()}"'
    fill = f' BGCOLOR="{look.fill}"' if look.fill else ""
    width = max(1, round(look.width))
    cell = f'<TD BORDER="{width}" COLOR="{look.line}"{fill}{style}>{_text(sign)}</TD>'
    return f'<TR>{cell}<TD ALIGN="LEFT">{_text(text) or " "}</TD></TR>'


def _text(text: str) -> str:
    """Text within an HTML-like label, in which what people said may stand."""
    return escape(visible_line(text))
