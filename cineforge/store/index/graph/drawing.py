"""What of a project is to be drawn, and its facts: all of them of one moment."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from cineforge.model.refs import ArtifactRef
from cineforge.store.index.graph import graph_choice, graph_rows
from cineforge.store.index.graph.graph_rows import EdgeRow, GroupRow, NodeRow, Place
from cineforge.store.index.health.upstream import changes_behind
from cineforge.store.index.queries.lookup import VersionRow, require_version

#: More artifacts of one type than this are one node, unless they are asked for.
FEW = 6
#: So many members of a group are named.
NAMED = 3
#: So many artifacts of one type are opened at most, unless another number is asked for.
OPENED = 200


@dataclass(frozen=True)
class DrawingRequest:
    """What to draw: everything, or what some versions stand on (`up`) and what stands on some (`down`).

    `out_of_date` leaves what is stale or to be revised, with the changes that made it so; `types` what is of these
    types. `expand` names the types of which every artifact is a node of its own, however many there are, but no more
    than `limit` (0: no limit): what changed, is out of date or held comes first, and the others stay one node.
    """

    up: tuple[ArtifactRef, ...] = ()
    down: tuple[ArtifactRef, ...] = ()
    depth: int | None = None
    out_of_date: bool = False
    types: tuple[str, ...] = ()
    expand: tuple[str, ...] = ()
    limit: int = OPENED


@dataclass(frozen=True)
class Earlier:
    """A version that was asked for and has been followed: on which artifacts it stands, and what stands on it."""

    row: VersionRow
    ref: ArtifactRef
    stands_on: Mapping[int, int]
    read_by: frozenset[int]


@dataclass(frozen=True)
class Drawing:
    """The rows of what is drawn. Artifacts are told by their row ids, groups by their type.

    `used`: by what was read and its reader, the version. `members` counts by collection and reader where the members
    are others now. `changes`: the heads that make others stale, with how many. `named`: by group, the first members
    that are out of date.
    """

    opened: list[NodeRow]
    groups: list[GroupRow]
    edges: list[EdgeRow]
    used: dict[tuple[int, int], int]
    members: Counter[tuple[Place, Place]]
    changes: dict[int, tuple[ArtifactRef, int]]
    named: dict[str, list[ArtifactRef]]
    earlier: list[Earlier]
    asked: set[int]
    #: Of every artifact that changed or was read by an earlier version: where it is drawn.
    places: dict[int, Place]


def draw(db: sqlite3.Connection, request: DrawingRequest) -> Drawing:
    """The facts of what a request asks for. Raises NotFound."""
    changes = {
        id_: (ref, count)
        for ref, count in changes_behind(db)
        for id_ in graph_choice.ids_of(db, [ref])
    }
    versions = {ref: require_version(db, ref) for ref in (*request.up, *request.down)}
    earlier = [_earlier(db, ref, row) for ref, row in versions.items() if not row.is_head]
    asked = {row.artifact for row in versions.values() if row.is_head}
    chosen = _chosen(db, request, versions, set(changes)) | asked
    judged = list(graph_rows.judged_paths(db, chosen))
    members = graph_rows.members_changed(db, chosen)
    collections = graph_choice.collections_of(
        db, {parent for parent, _, changed in judged if changed}
    )
    members |= {(parent, reader) for parent, reader, _ in judged if parent in collections}
    chosen |= {collection for collection, _ in members}
    opened = _opened(db, request, chosen, set(changes)) | asked
    grouped = chosen - opened
    changes = {id_: change for id_, change in changes.items() if id_ in chosen}
    near = {id_ for each in earlier for id_ in (*each.stands_on, *each.read_by)} & chosen
    pairs = {id_ for pair in (*members, *((up, down) for up, down, _ in judged)) for id_ in pair}
    types = graph_choice.types_of(db, {*near, *pairs, *changes} - opened)
    places: dict[int, Place] = {id_: id_ for id_ in opened} | {
        id_: type_ for id_, type_ in types.items() if id_ in grouped
    }
    return Drawing(
        opened=graph_rows.node_rows(db, opened),
        groups=graph_rows.group_rows(db, grouped),
        edges=_with_judged(
            graph_rows.edge_rows(db, opened, grouped),
            [
                (places.get(up), places.get(down), kind)
                for up, down, kind in judged
                if up not in collections
            ],
        ),
        used={
            (parent, reader): number for parent, reader, number in graph_rows.used_rows(db, opened)
        },
        members=Counter((places[collection], places[reader]) for collection, reader in members),
        changes=changes,
        named=graph_rows.first_out_of_date(db, grouped, NAMED),
        earlier=earlier,
        asked=asked,
        places=places,
    )


def _chosen(
    db: sqlite3.Connection,
    request: DrawingRequest,
    versions: Mapping[ArtifactRef, VersionRow],
    changed: set[int],
) -> set[int]:
    """The artifacts that are drawn, those that were asked for by name perhaps left out."""
    chosen = graph_choice.ordinary(db, request.types)
    if request.up or request.down:
        reached: set[int] = set()
        for refs, up in ((request.up, True), (request.down, False)):
            for ref in refs:
                reached |= _reached(db, versions[ref], up=up, depth=request.depth)
        chosen &= reached
    if request.out_of_date:
        chosen &= graph_choice.out_of_date(db) | changed
    return chosen


def _reached(db: sqlite3.Connection, row: VersionRow, *, up: bool, depth: int | None) -> set[int]:
    if row.is_head:
        return graph_choice.reached(db, [row.artifact], up=up, depth=depth)
    if depth == 0:
        return set()
    next_ = graph_choice.basis_of(db, row) if up else graph_choice.readers_of(db, row)
    return graph_choice.reached(db, next_, up=up, depth=None if depth is None else depth - 1)


def _earlier(db: sqlite3.Connection, ref: ArtifactRef, row: VersionRow) -> Earlier:
    stands_on, read_by = graph_choice.basis_of(db, row), graph_choice.readers_of(db, row)
    return Earlier(row, ref, stands_on, frozenset(read_by))


def _opened(
    db: sqlite3.Connection, request: DrawingRequest, chosen: set[int], changed: set[int]
) -> set[int]:
    """The artifacts that are nodes of their own."""
    counts = graph_choice.type_counts(db, chosen)
    limit = request.limit or len(chosen)
    expand = set(request.expand)
    whole = {
        type_
        for type_, count in counts.items()
        if count <= FEW or (type_ in expand and count <= limit)
    }
    opened = graph_choice.of_types(db, chosen, whole)
    for type_ in expand & counts.keys() - whole:
        opened.update(graph_choice.first_of(db, chosen, changed & chosen, type_, limit))
    return opened


def _with_judged(
    edges: Iterable[EdgeRow], judged: Iterable[tuple[Place | None, Place | None, bool]]
) -> list[EdgeRow]:
    """The edges, with what they carry to readers that have been judged."""
    found = {(edge.source, edge.target): edge for edge in edges}
    for source, target, changed in judged:
        edge = found.get((source, target)) if source is not None and target is not None else None
        if edge is not None:
            found[edge.source, edge.target] = replace(
                edge, changed=edge.changed + changed, carried=edge.carried + (not changed)
            )
    return list(found.values())
