"""The graph of a project's artifacts, from the facts that its index tells in one go."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from cineforge.model.errors import CineForgeError, NotFound, StoreDamaged, suggestion
from cineforge.model.metadata import ArtifactMetadata
from cineforge.model.names import is_collection
from cineforge.model.records.artifact_graph import ArtifactGraph, GraphChange, GraphEdge, GraphNode
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.store import ArtifactStore, Drawing, DrawingRequest
from cineforge.store.index.graph.drawing import Earlier
from cineforge.store.index.graph.graph_rows import GroupRow, NodeRow, Place

#: The records of so many changes are read: the others are told without who and why.
CHANGES_READ = 50


def artifact_graph(
    store: ArtifactStore,
    request: DrawingRequest | None = None,
    awaited: Iterable[ArtifactRef] = (),
) -> ArtifactGraph:
    """What a request asks for, or everything, with those versions marked that somebody is `awaited` to approve.

    Raises NotFound, CineForgeError.
    """
    request = request or DrawingRequest()
    _require_known(store, request)
    drawing = store.drawing(request)
    names = _names(drawing)
    nodes = [
        *(_artifact(row, drawing) for row in drawing.opened),
        *_groups(drawing),
        *_earlier_nodes(store, drawing),
    ]
    return ArtifactGraph(
        artifacts=sum(node.count for node in nodes if node.kind != "version"),
        nodes=tuple(sorted(_marked(store, nodes, awaited), key=_order)),
        edges=tuple(_edges(drawing, names)),
        changes=tuple(_changes(store, drawing, names)),
    )


def _require_known(store: ArtifactStore, request: DrawingRequest) -> None:
    if request.depth is not None and request.depth < 0:
        raise CineForgeError(f"a depth of {request.depth}: use 0 or more")
    if request.limit < 0:
        raise CineForgeError(f"a limit of {request.limit}: use 0 for none, or a number above")
    asked = (*request.types, *request.expand)
    known = sorted(store.health_counts()) if asked else []
    wrong = [name for name in dict.fromkeys(asked) if name not in known]
    if wrong:
        lines = [f"there is no type '{name}': {suggestion(name, known)}" for name in wrong]
        raise NotFound("\n".join(lines))


def _marked(
    store: ArtifactStore, nodes: Sequence[GraphNode], awaited: Iterable[ArtifactRef]
) -> Iterator[GraphNode]:
    """The nodes with what is to be approved: of a collection that is not drawn, its members."""
    drawn = {node.id for node in nodes}
    keys: set[ArtifactKey] = set()
    for ref in awaited:
        is_hidden = is_collection(ref.artifact_type) and str(ref.key) not in drawn
        keys.update(store.collection_of(ref).keys() if is_hidden else (ref.key,))
    alone = Counter(str(key) for key in keys)
    together = Counter(key.artifact_type for key in keys if str(key) not in drawn)
    for node in nodes:
        count = together[node.type] if node.kind == "group" else alone[node.id]
        yield node.but(to_approve=min(count, node.count)) if count else node


def _order(node: GraphNode) -> tuple[str, bool, int, str]:
    entity = node.entity or ""
    return (node.type, node.kind == "group", len(entity), node.id)


def _names(drawing: Drawing) -> dict[Place, str]:
    """The id of every node that is no earlier version, by where its artifacts are drawn."""
    return {row.id: str(row.ref.key) for row in drawing.opened} | {
        row.artifact_type: f"{row.artifact_type}/*" for row in drawing.groups
    }


def _artifact(row: NodeRow, drawing: Drawing) -> GraphNode:
    return GraphNode(
        id=str(row.ref.key),
        kind="artifact",
        type=row.ref.artifact_type,
        entity=row.ref.entity_id,
        versions=row.versions,
        health={row.state: 1},
        held=int(row.held),
        by_hand=int(row.by_hand),
        edits=row.edits,
        changed=(str(row.ref),) if row.id in drawing.changes else (),
        version=row.ref.version,
        made_at=row.made_at,
        run_id=row.run_id,
        asked=row.id in drawing.asked,
    )


def _groups(drawing: Drawing) -> Iterator[GraphNode]:
    by_type: dict[str, list[GroupRow]] = defaultdict(list)
    for row in drawing.groups:
        by_type[row.artifact_type].append(row)
    changed: dict[Place, list[str]] = defaultdict(list)
    for id_, (ref, _) in drawing.changes.items():
        changed[drawing.places[id_]].append(str(ref))
    for type_, rows in by_type.items():
        yield GraphNode(
            id=f"{type_}/*",
            kind="group",
            type=type_,
            count=sum(row.count for row in rows),
            versions=sum(row.versions for row in rows),
            health={row.state: row.count for row in rows},
            held=sum(row.held for row in rows),
            by_hand=sum(row.by_hand for row in rows),
            edits=sum(row.edits for row in rows),
            changed=tuple(changed[type_]),
            out_of_date=tuple(map(str, drawing.named.get(type_, ()))),
        )


def _earlier_nodes(store: ArtifactStore, drawing: Drawing) -> Iterator[GraphNode]:
    for earlier in drawing.earlier:
        head = store.head(earlier.ref.key)
        yield GraphNode(
            id=str(earlier.ref),
            kind="version",
            type=earlier.ref.artifact_type,
            entity=earlier.ref.entity_id,
            versions=1,
            health={store.health(earlier.ref).value: 1},
            version=earlier.ref.version,
            followed_by=None if head is None else head.version,
            asked=True,
        )


def _edges(drawing: Drawing, names: dict[Place, str]) -> Iterator[GraphEdge]:
    heads = {row.id: row.ref.version for row in drawing.opened}
    for row in drawing.edges:
        used = None
        if isinstance(row.source, int) and isinstance(row.target, int):
            used = drawing.used.get((row.source, row.target))
            used = None if used == heads[row.source] else used
        yield GraphEdge(
            source=names[row.source],
            target=names[row.target],
            count=row.count,
            changed=row.changed,
            carried=row.carried,
            used=used,
        )
    for (source, target), count in sorted(drawing.members.items(), key=str):
        yield GraphEdge(
            source=names[source], target=names[target], kind="members", count=count, changed=count
        )
    for earlier in drawing.earlier:
        yield from _edges_of_earlier(drawing, names, heads, earlier)


def _edges_of_earlier(
    drawing: Drawing, names: dict[Place, str], heads: dict[int, int], earlier: Earlier
) -> Iterator[GraphEdge]:
    places = drawing.places
    above = Counter(places[each] for each in earlier.stands_on if each in places)
    used = {id_: number for id_, number in earlier.stands_on.items() if number != heads.get(id_)}
    for place, count in sorted(above.items(), key=str):
        number = used.get(place) if isinstance(place, int) else None
        yield GraphEdge(source=names[place], target=str(earlier.ref), count=count, used=number)
    readers = Counter(places[each] for each in earlier.read_by if each in places)
    for place, count in sorted(readers.items(), key=str):
        yield GraphEdge(source=str(earlier.ref), target=names[place], count=count)


def _changes(
    store: ArtifactStore, drawing: Drawing, names: dict[Place, str]
) -> Iterator[GraphChange]:
    for place, (id_, (ref, direct)) in enumerate(drawing.changes.items()):
        made = _record(store, ref) if place < CHANGES_READ else None
        yield GraphChange(
            ref=str(ref),
            node=names[drawing.places[id_]],
            direct=direct,
            by=None
            if made is None
            else made.producing_role or made.producing_module or made.source.value,
            why=None if made is None else made.rationale or made.intent,
            made_at=None if made is None else made.created_at,
        )


def _record(store: ArtifactStore, ref: ArtifactRef) -> ArtifactMetadata | None:
    try:
        return store.metadata(ref)
    except StoreDamaged:
        return None
