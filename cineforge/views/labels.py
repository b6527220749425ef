"""What a node of the graph is called in every picture: the same words, whatever draws them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cineforge.model.records.artifact_graph import ArtifactGraph, GraphChange, GraphEdge, GraphNode

#: The states of health in the order of how much they matter, each with the sign that it has beside its colour.
SIGNS = {
    "needs_revision": "✎",
    "stale": "▲",
    "confirmed_valid": "◎",
    "valid": "●",
    "vanished": "○",
}
CHANGED_SIGN = "◆"
APPROVAL_SIGN = "◇"
#: So many names are told in a label.
NAMED = 3
#: A reason longer than this is cut.
REASON = 48


def state_of(node: GraphNode) -> str:
    """The state that a node is drawn in: the one that matters most."""
    return next((state for state in SIGNS if node.health.get(state)), "valid")


def words_of(state: str) -> str:
    return {"needs_revision": "to be revised", "confirmed_valid": "confirmed"}.get(state, state)


def label_lines(node: GraphNode) -> Iterator[str]:
    """The lines of a node's label, the first being its name."""
    if node.kind == "group":
        yield f"{node.type} x{node.count}"
        yield ", ".join(
            f"{SIGNS[state]} {node.health[state]} {words_of(state)}"
            for state in reversed(SIGNS)
            if node.health.get(state)
        )
        count = node.health.get("stale", 0) + node.health.get("needs_revision", 0)
        if 0 < count <= len(node.out_of_date):
            yield _members(node, node.out_of_date)
    else:
        entity = "" if node.entity is None else f"/{node.entity}"
        yield f"{node.type}{entity}@{node.version}"
        state = state_of(node)
        yield f"{SIGNS[state]} {words_of(state)}"
        if node.followed_by is not None:
            yield f"superseded by @{node.followed_by}"
    if node.changed:
        more = len(node.changed) - NAMED
        named = f": {_members(node, node.changed[:NAMED])}" if node.kind == "group" else ""
        yield f"{CHANGED_SIGN} changed{named}{f' and {more} more' if more > 0 else ''}"
    yield from _people(node)


def _members(node: GraphNode, refs: Iterable[str]) -> str:
    """Members of a group, without the type that its name tells."""
    return ", ".join(ref.removeprefix(f"{node.type}/") for ref in refs)


def _people(node: GraphNode) -> Iterator[str]:
    """What people have to do with it."""
    single = node.kind != "group"
    if node.to_approve:
        yield f"{APPROVAL_SIGN} {'' if single else f'{node.to_approve} '}to be approved"
    if node.by_hand:
        yield "made by a person, held" if single else f"{node.by_hand} made by people, held"
    if node.held > node.by_hand:
        yield "held" if single else f"{node.held - node.by_hand} held"
    edits = node.edits - node.by_hand
    if edits > 0:
        yield f"{edits} earlier edit{'s' if edits > 1 else ''} by people"


def edge_label(edge: GraphEdge, whole: bool) -> str:
    """What is written on an edge. `whole`: between two artifacts, not groups."""
    if edge.kind == "members":
        return "other members now"
    if edge.changed:
        if edge.used is not None:
            return f"read @{edge.used}"
        return "changed since" if whole else f"changed since: {edge.changed} of {edge.count}"
    if edge.carried and not whole:
        return f"stale: {edge.carried} of {edge.count}"
    return f"read @{edge.used}" if edge.used is not None else ""


def change_line(change: GraphChange) -> str:
    """A change in one line: what, when, by whom, why, and how much stands on what was there before."""
    text = change.ref
    if change.made_at is not None:
        text += f", {change.made_at:%Y-%m-%d %H:%M} UTC"
    if change.by:
        text += f", by {_cut(change.by)}"
    reason = (change.why or "").split("\n")[0]
    if reason:
        text += f": {_cut(reason)}"
    return f"{text} ({change.direct} made from what was before)"


def _cut(text: str) -> str:
    return text if len(text) <= REASON else f"{text[: REASON - 3]}..."


def states_shown(graph: ArtifactGraph) -> list[str]:
    """The states that a legend has to explain, those that matter least first."""
    used = {state for node in graph.nodes for state, count in node.health.items() if count}
    return [state for state in reversed(SIGNS) if state in used]
