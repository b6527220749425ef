"""The graph as it was at a moment: which versions were the heads, and what they had been made from."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from cineforge.model.refs import ArtifactKey
from cineforge.store import PastHead, PastLineage
from cineforge.store.index.graph.drawing import FEW, OPENED


@dataclass(frozen=True)
class PastRequest:
    """What to draw: everything, or what some artifacts and a run's had been made from and what from them.

    `changed`: only what is another now. The others are as `DrawingRequest` has them.
    """

    around: tuple[ArtifactKey, ...] = ()
    run_id: str = ""
    depth: int | None = None
    changed: bool = False
    types: tuple[str, ...] = ()
    expand: tuple[str, ...] = ()
    limit: int = OPENED


@dataclass(frozen=True)
class PastNode:
    """One artifact by its head of then, or all of a type that are no nodes of their own: so many are others now."""

    id: str
    type: str
    head: PastHead | None
    count: int
    changed: int
    asked: bool = False


@dataclass(frozen=True)
class PastGraph:
    """Nodes, and edges from what was read to its readers."""

    nodes: tuple[PastNode, ...]
    edges: tuple[tuple[str, str], ...]


def past_graph(past: PastLineage, request: PastRequest | None = None) -> PastGraph:
    """What a request asks for of the past, or all of it. What had not been made yet is left out."""
    request = request or PastRequest()
    around = set(request.around)
    asked = {
        id_
        for id_, head in past.heads.items()
        if head.ref.key in around or (request.run_id and head.run_id == request.run_id)
    }
    chosen = set(past.heads)
    if around or request.run_id:
        chosen = _reached(past.pairs, asked, request.depth)
    chosen = {id_ for id_ in chosen if id_ in asked or _is_wanted(past.heads[id_], request)}
    by_type: dict[str, list[int]] = defaultdict(list)
    for id_ in chosen:
        by_type[past.heads[id_].ref.artifact_type].append(id_)
    places: dict[int, str] = {}
    nodes: list[PastNode] = []
    for type_, ids in sorted(by_type.items()):
        opened = _opened(past.heads, ids, asked, request, type_)
        for id_ in opened:
            head = past.heads[id_]
            places[id_] = name = str(head.ref.key)
            nodes.append(PastNode(name, type_, head, 1, int(_is_changed(head)), id_ in asked))
        grouped = set(ids).difference(opened)
        if grouped:
            places.update(dict.fromkeys(grouped, f"{type_}/*"))
            changed = sum(_is_changed(past.heads[id_]) for id_ in grouped)
            nodes.append(PastNode(f"{type_}/*", type_, None, len(grouped), changed))
    edges = Counter(
        (places[up], places[down]) for up, down in past.pairs if up in places and down in places
    )
    return PastGraph(tuple(nodes), tuple(sorted(edges)))


def _is_changed(head: PastHead) -> bool:
    return head.ref.version != head.now


def _is_wanted(head: PastHead, request: PastRequest) -> bool:
    of_type = not request.types or head.ref.artifact_type in request.types
    return of_type and (not request.changed or _is_changed(head))


def _reached(pairs: Iterable[tuple[int, int]], starts: set[int], depth: int | None) -> set[int]:
    """What some artifacts had been made from, and what from them, directly or not, with themselves."""
    up_from: dict[int, list[int]] = defaultdict(list)
    down_from: dict[int, list[int]] = defaultdict(list)
    for up, down in pairs:
        up_from[down].append(up)
        down_from[up].append(down)
    found = set(starts)
    for next_ in (up_from, down_from):
        seen, level, steps = set(starts), set(starts), depth
        while level and steps != 0:
            steps = None if steps is None else steps - 1
            level = {each for id_ in level for each in next_.get(id_, ())} - seen
            seen |= level
        found |= seen
    return found


def _opened(
    heads: Mapping[int, PastHead],
    ids: list[int],
    asked: Collection[int],
    request: PastRequest,
    type_: str,
) -> list[int]:
    """Those of a type that are nodes of their own, in the order that people count in: what is another now first
    where not all of them are."""

    def order(id_: int) -> tuple[int, str]:
        entity = heads[id_].ref.entity_id or ""
        return len(entity), entity

    ids = sorted(ids, key=order)
    if len(ids) <= FEW or (type_ in request.expand and len(ids) <= request.limit):
        return ids
    if type_ not in request.expand:
        return [id_ for id_ in ids if id_ in asked]
    first = sorted(ids, key=lambda id_: (id_ not in asked, not _is_changed(heads[id_])))
    return sorted(first[: request.limit], key=order)
