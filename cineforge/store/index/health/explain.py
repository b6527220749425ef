"""Health and causes of any version, head or not, with the upstream change and the way it takes."""

from __future__ import annotations

import sqlite3

from cineforge.model.health import ArtifactHealth, Verdict
from cineforge.model.refs import ArtifactRef
from cineforge.store.index.health.assessed import load_graph, removed_by_assessment
from cineforge.store.index.health.basis import basis_of
from cineforge.store.index.health.causes import Cause, CauseGraph, CauseKind
from cineforge.store.index.health.gathered_sets import Naming
from cineforge.store.index.queries.lookup import VersionRow, require_version
from cineforge.store.index.queries.query import head_health
from cineforge.store.index.tables.columns import VERDICTS, make_ref

#: The asked version as a node of its own: its artifact's head may be another node of the graph.
_ASKED = 0
_NOW = "SELECT content, stale FROM artifact WHERE id = ?"


def health(db: sqlite3.Connection, ref: ArtifactRef) -> ArtifactHealth:
    """The health of a version: stored for heads, computed for others."""
    version = require_version(db, ref)
    if version.is_head:
        return head_health(db, version.artifact)
    graph = _graph(db, version, Naming(db))
    causes = graph.causes()
    if causes.get(_ASKED):
        return ArtifactHealth.STALE
    removed = graph.removed.get(_ASKED, set()) & graph.unassessed(_ASKED, causes)
    (verdict,) = db.execute(
        "SELECT coalesce(max(verdict), 0) FROM assessed WHERE artifact = ? AND number = ?",
        (version.artifact, version.number),
    ).fetchone()
    if removed and verdict == VERDICTS[Verdict.CONFIRMED]:
        return ArtifactHealth.CONFIRMED_VALID
    return ArtifactHealth.VALID


def causes(db: sqlite3.Connection, ref: ArtifactRef) -> list[Cause]:
    """Every upstream change that makes a version stale, the nearest first; empty when it is not stale."""
    version = require_version(db, ref)
    naming = Naming(db)
    graph = _graph(db, version, naming)
    found = [
        cause
        for artifact in graph.causes().get(_ASKED, ())
        for cause in _explain(db, naming, version, ref, graph.path(_ASKED, artifact), artifact)
    ]
    return sorted(found, key=lambda cause: (len(cause.path), str(cause.head), cause.kind))


def _graph(db: sqlite3.Connection, version: VersionRow, naming: Naming) -> CauseGraph[int]:
    """The graph above a version's basis."""
    direct: set[int] = set()
    above: set[int] = set()
    basis = basis_of(db, version.artifact, version.number)
    for edge in basis.edges:
        content, stale = db.execute(_NOW, (edge.parent,)).fetchone()
        if content != edge.content:
            direct.add(edge.parent)
        if stale:
            above.add(edge.parent)
    for gathered in basis.sets:
        change = naming.change(gathered)
        direct.update(change.collections if change else ())
    graph = load_graph(db, above)
    graph.direct[_ASKED] = direct
    graph.above[_ASKED] = sorted(above)
    graph.removed[_ASKED] = removed_by_assessment(db, version.artifact, version.number)
    return graph


def _explain(
    db: sqlite3.Connection,
    naming: Naming,
    version: VersionRow,
    ref: ArtifactRef,
    way: list[int],
    artifact: int,
) -> list[Cause]:
    path = (ref, *(_head_ref(db, node) for node in way[1:]))
    number = version.number if len(way) == 1 else path[-1].version
    basis = basis_of(db, version.artifact if len(way) == 1 else way[-1], number)
    head = _head_ref(db, artifact)
    found: list[Cause] = []
    (content, _) = db.execute(_NOW, (artifact,)).fetchone()
    differing = [e for e in basis.edges if e.parent == artifact and e.content != content]
    if differing:
        used = max(differing, key=lambda edge: edge.number)
        was_read = head.model_copy(update={"version": used.number})
        found.append(Cause(CauseKind.CONTENT, head, was_read, path, used.role))
    for gathered in basis.sets:
        change = naming.change(gathered)
        if change is not None and artifact in change.collections:
            found.append(
                Cause(CauseKind.MEMBERS, head, None, path, came=change.came, went=change.went)
            )
    return found


def _head_ref(db: sqlite3.Connection, artifact: int) -> ArtifactRef:
    row = db.execute(
        "SELECT type, entity, number FROM artifact WHERE id = ?", (artifact,)
    ).fetchone()
    return make_ref(*row)
