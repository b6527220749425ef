"""The graph: types opening to entities, lineage both ways, what is out of date, and how it was at a moment."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from starlette.responses import Response

from cineforge.model.health import RESERVED_TYPES
from cineforge.model.records.artifact_graph import GraphChange, GraphNode
from cineforge.model.refs import ArtifactRef
from cineforge.project import Project
from cineforge.project.approvals import to_approve
from cineforge.project.moments import read_moment
from cineforge.store import DrawingRequest
from cineforge.store.index.queries.listing import Wanted
from cineforge.ui.content import page_words
from cineforge.ui.web import Asked
from cineforge.views import PastNode, PastRequest, artifact_graph, past_graph
from cineforge.views.labels import label_lines, state_of

#: Artifacts of one type that are opened, artifacts of a run that are shown, and steps of the slider.
OPENED, OF_A_RUN, STEPS = 120, 60, 200


@dataclass(frozen=True)
class Shown:
    """One node as it is drawn and listed. `states` are those by which it is found."""

    id: str
    type: str
    is_group: bool
    count: int
    label: tuple[str, ...]
    state: str
    states: frozenset[str]
    url: str
    changed: bool = False
    asked: bool = False

    @property
    def data(self) -> dict[str, Any]:
        """What the script that draws it needs."""
        return {
            "id": self.id,
            "label": "\n".join(self.label),
            "state": self.state,
            "kind": "group" if self.is_group else "artifact",
            "type": self.type,
            "changed": self.changed,
            "asked": self.asked,
            "url": self.url,
        }


@dataclass(frozen=True)
class Edge:
    """From what was read to its reader, which is stale by that (`changed`), or by what that is stale by (`carried`)."""

    source: str
    target: str
    changed: bool = False
    carried: bool = False


@dataclass(frozen=True)
class _Picture:
    shown: list[Shown]
    edges: list[Edge]
    changes: tuple[GraphChange, ...] = ()
    awaited: tuple[ArtifactRef, ...] = ()


@dataclass
class _Near:
    """By node what it was made from, and what was made from it."""

    upstream: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    downstream: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))


def graph(asked: Asked) -> Response:
    """The graph that is asked for."""
    at, health = asked.query("at").strip(), asked.query("health")
    moment = read_moment(at).astimezone(UTC) if at else None
    with asked.site.open() as project:
        picture = _now(asked, project) if moment is None else _then(asked, project, moment)
        types = [name for name in project.store.health_counts() if name not in RESERVED_TYPES]
        moments = project.store.moments(STEPS)
    shown = [each for each in picture.shown if not health or health in each.states]
    ids = {each.id for each in shown}
    edges = [each for each in picture.edges if each.source in ids and each.target in ids]
    near = _Near()
    for edge in edges:
        near.upstream[edge.target].append(edge.source)
        near.downstream[edge.source].append(edge.target)
    return asked.page(
        "graph.html",
        title="Graph",
        drawn={"nodes": [each.data for each in shown], "edges": [vars(each) for each in edges]},
        shown=shown,
        near=near,
        changes=picture.changes,
        awaited=picture.awaited,
        types=types,
        focus=asked.query("focus").strip(),
        depth=asked.query("depth"),
        health=health,
        run=asked.query("run"),
        chosen=asked.queries("type"),
        expand=asked.queries("expand"),
        stale=asked.query("stale"),
        then=moment,
        moments=moments,
        count=sum(each.count for each in shown),
    )


def _now(asked: Asked, project: Project) -> _Picture:
    awaited = to_approve(project.store, project.folder)
    found = artifact_graph(project.store, _request(asked, project), awaited)
    return _Picture(
        [_as_now(node) for node in found.nodes],
        [
            Edge(edge.source, edge.target, edge.changed > 0, edge.carried > 0)
            for edge in found.edges
        ],
        found.changes[:20],
        awaited,
    )


def _request(asked: Asked, project: Project) -> DrawingRequest:
    """What to draw. Raises NotFound, InvalidName, CineForgeError."""
    focus, run = asked.query("focus").strip(), asked.query("run").strip()
    refs = (project.ref(focus),) if focus else ()
    depth = asked.number("depth", -1)
    if run:
        rows, _ = project.store.list_heads(Wanted(run_id=run), limit=OF_A_RUN)
        refs, depth = (*refs, *(row.ref for row in rows)), max(depth, 0)
    return DrawingRequest(
        up=refs,
        down=refs,
        depth=None if depth < 0 else depth,
        out_of_date=bool(asked.query("stale")),
        types=tuple(asked.queries("type")),
        expand=tuple(asked.queries("expand")),
        limit=OPENED,
    )


def _as_now(node: GraphNode) -> Shown:
    held = {"held"} if node.held else set()
    return Shown(
        node.id,
        node.type,
        node.kind == "group",
        # An earlier version is of an artifact that another node counts.
        0 if node.kind == "version" else node.count,
        tuple(label_lines(node)),
        state_of(node),
        frozenset({state for state, count in node.health.items() if count} | held),
        page_words.url("/artifacts", type=node.type)
        if node.kind == "group"
        else page_words.artifact_url(node.id),
        bool(node.changed),
        node.asked,
    )


def _then(asked: Asked, project: Project, moment: datetime) -> _Picture:
    """How it was at a moment. Raises NotFound, InvalidName."""
    focus, run = asked.query("focus").strip(), asked.query("run").strip()
    depth = asked.number("depth", -1)
    request = PastRequest(
        around=(project.ref(focus).key,) if focus else (),
        run_id=run,
        depth=max(depth, 0) if run else None if depth < 0 else depth,
        changed=bool(asked.query("stale")),
        types=tuple(asked.queries("type")),
        expand=tuple(asked.queries("expand")),
        limit=OPENED,
    )
    found = past_graph(project.store.past_lineage(moment), request)
    return _Picture([_as_then(node) for node in found.nodes], [Edge(*each) for each in found.edges])


def _as_then(node: PastNode) -> Shown:
    """A node as it was. What is another now is drawn as what is stale: it is what one looks for."""
    head = node.head
    if head is None:
        state_text = f"{node.changed} are others now" if node.changed else "as now"
        label = (f"{node.type} x{node.count}", state_text)
        place = page_words.url("/artifacts", type=node.type)
    else:
        label = (str(head.ref), f"@{head.now} now" if node.changed else "as now")
        place = page_words.url(page_words.artifact_url(str(head.ref.key)), version=head.ref.version)
    state = "stale" if node.changed else "valid"
    states = {"stale": node.changed, "valid": node.count - node.changed}
    return Shown(
        node.id,
        node.type,
        head is None,
        node.count,
        label,
        state,
        frozenset(name for name, count in states.items() if count),
        place,
        asked=node.asked,
    )
