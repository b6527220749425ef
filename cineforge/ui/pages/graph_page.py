"""The graph: types opening to entities, lineage both ways, what is out of date, and how it was at a moment."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from starlette.responses import Response

from cineforge.model.health import RESERVED_TYPES
from cineforge.model.records.artifact_graph import ArtifactGraph, GraphNode
from cineforge.model.refs import ArtifactKey
from cineforge.project import Project
from cineforge.project.moments import read_moment
from cineforge.store import DrawingRequest
from cineforge.store.index.queries.listing import Wanted
from cineforge.ui.content import page_words
from cineforge.ui.web import Asked
from cineforge.views import artifact_graph
from cineforge.views.labels import label_lines, state_of

#: Artifacts of one type that are opened, artifacts of a run that are shown, and steps of the slider.
OPENED, OF_A_RUN, STEPS = 120, 60, 200


@dataclass(frozen=True)
class Then:
    """How the heads were at a moment: by artifact the version, and how many of each type are others now."""

    moment: datetime
    versions: dict[ArtifactKey, tuple[int, bool]]
    counts: Counter[str]
    changed: Counter[str]


@dataclass(frozen=True)
class Shown:
    """One node as it is drawn and listed."""

    node: GraphNode
    label: tuple[str, ...]
    state: str
    url: str

    @property
    def data(self) -> dict[str, Any]:
        """What the script that draws it needs."""
        return {
            "id": self.node.id,
            "label": "\n".join(self.label),
            "state": self.state,
            "kind": self.node.kind,
            "type": self.node.type,
            "changed": bool(self.node.changed),
            "asked": self.node.asked,
            "url": self.url,
            "held": self.node.held > 0,
        }


def graph(asked: Asked) -> Response:
    """The graph that is asked for."""
    focus, at = asked.query("focus").strip(), asked.query("at").strip()
    depth = asked.query("depth")
    with asked.site.open() as project:
        request = _request(asked, project)
        found = artifact_graph(project.store, request)
        then = None if not at else _then(project, at)
        types = [name for name in project.store.health_counts() if name not in RESERVED_TYPES]
        moments = project.store.moments(STEPS)
    health = asked.query("health")
    shown = [each for each in _shown(found, then) if not health or health in _states(each)]
    ids = {each.node.id for each in shown}
    edges = [edge for edge in found.edges if edge.source in ids and edge.target in ids]
    drawn = {
        "nodes": [each.data for each in shown],
        "edges": [
            {
                "source": edge.source,
                "target": edge.target,
                "changed": edge.changed > 0 and then is None,
                "carried": edge.carried > 0 and then is None,
            }
            for edge in edges
        ],
    }
    return asked.page(
        "graph.html",
        title="Graph",
        drawn=drawn,
        shown=shown,
        edges=edges,
        changes=found.changes[:20] if then is None else (),
        types=types,
        focus=focus,
        depth=depth,
        health=health,
        run=asked.query("run"),
        chosen=asked.queries("type"),
        expand=asked.queries("expand"),
        stale=asked.query("stale"),
        then=then,
        moments=moments,
        count=sum(each.node.count for each in shown if each.node.kind != "version"),
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


def _then(project: Project, at: str) -> Then:
    moment = read_moment(at)
    versions: dict[ArtifactKey, tuple[int, bool]] = {}
    counts: Counter[str] = Counter()
    changed: Counter[str] = Counter()
    for each in project.at(moment):
        versions[each.ref.key] = (each.ref.version, each.ref == each.now)
        counts[each.ref.artifact_type] += 1
        changed[each.ref.artifact_type] += each.ref != each.now
    return Then(moment.astimezone(UTC), versions, counts, changed)


def _shown(found: ArtifactGraph, then: Then | None) -> list[Shown]:
    if then is None:
        return [
            Shown(node, tuple(label_lines(node)), state_of(node), _url(node))
            for node in found.nodes
        ]
    return [each for node in found.nodes if (each := _as_then(node, then)) is not None]


def _as_then(node: GraphNode, then: Then) -> Shown | None:
    """A node as it was; None for what was not there yet."""
    if node.kind == "group":
        count, changed = then.counts[node.type], then.changed[node.type]
        if not count:
            return None
        label = (f"{node.type} x{count}", f"{changed} are others now" if changed else "as now")
        return Shown(node, label, "stale" if changed else "valid", _url(node))
    version, is_head = then.versions.get(ArtifactKey(node.type, node.entity), (0, False))
    if not version:
        return None
    label = (
        f"{node.id.partition('@')[0]}@{version}",
        "as now" if is_head else f"@{node.version} now",
    )
    url = page_words.url(_url(node).partition("?")[0], version=version)
    return Shown(node, label, "valid" if is_head else "stale", url)


def _states(shown: Shown) -> set[str]:
    held = {"held"} if shown.node.held else set()
    return {state for state, count in shown.node.health.items() if count} | held


def _url(node: GraphNode) -> str:
    if node.kind == "group":
        return page_words.url("/artifacts", type=node.type)
    return page_words.artifact_url(node.id)
