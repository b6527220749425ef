"""Which upstream changes make heads stale, for all heads at once and for one: cheaper than telling all causes."""

from __future__ import annotations

import sqlite3

from cineforge.model.refs import ArtifactRef
from cineforge.store.index.health.assessed import removed_by_assessment
from cineforge.store.index.health.explain import causes
from cineforge.store.index.health.gathered_sets import Naming
from cineforge.store.index.queries.query import health_case
from cineforge.store.index.tables.columns import make_ref

_STALE = f"a.stale = 1 AND a.vanished = 0 AND {health_case('a')} = 'stale'"


def changes_behind(db: sqlite3.Connection) -> list[tuple[ArtifactRef, int]]:
    """The heads whose content makes others stale, with how many stand directly on what was there before.

    The one that most stand on comes first.
    """
    counts: dict[int, int] = dict(
        db.execute(
            "SELECT e.parent, count(DISTINCT e.child) FROM artifact a"
            " CROSS JOIN edge e ON e.child = a.id CROSS JOIN artifact p ON p.id = e.parent"
            f" WHERE {_STALE} AND a.examined = 0 AND p.content <> e.content GROUP BY e.parent"
        )
    )
    gathering = (
        "SELECT a.id, g.gathered FROM gathering g CROSS JOIN artifact a ON a.id = g.child"
        f" WHERE g.differs = 1 AND {_STALE} AND a.examined = 0"
    )
    naming = Naming(db)
    collections: dict[int, set[int]] = {}
    for child, gathered in db.execute(gathering).fetchall():
        change = naming.change(gathered)
        for collection in change.collections if change else ():
            collections.setdefault(collection, set()).add(child)
    for collection, children in collections.items():
        counts[collection] = counts.get(collection, 0) + len(children)
    for (child,) in db.execute(
        f"SELECT a.id FROM artifact a WHERE a.examined = 1 AND {_STALE}"
    ).fetchall():
        for changed in _direct(db, naming, child):
            counts[changed] = counts.get(changed, 0) + 1
    found = [(_head_ref(db, artifact), count) for artifact, count in counts.items()]
    return sorted(found, key=lambda each: (-each[1], str(each[0])))


def first_change(db: sqlite3.Connection, stale: ArtifactRef) -> ArtifactRef | None:
    """One upstream change that makes a head stale: the first that is met on the way up. None when it is not stale."""
    row = db.execute(
        "SELECT id FROM artifact WHERE type = ? AND entity = ? AND stale = 1",
        (stale.artifact_type, stale.key.entity_dir),
    ).fetchone()
    naming = Naming(db)
    pending, seen = [row[0]] if row else [], set()
    while pending:
        node = pending.pop()
        if node in seen:
            continue
        seen.add(node)
        if _is_assessed(db, node):
            # What an assessment took away downstream of it is no cause either: that needs the whole sets.
            found = causes(db, _head_ref(db, node))
            if found:
                return found[0].head
            continue
        direct = _direct(db, naming, node)
        if direct:
            return min((_head_ref(db, changed) for changed in direct), key=str)
        upper = (
            "SELECT DISTINCT p.id FROM edge e JOIN artifact p ON p.id = e.parent"
            " WHERE e.child = ? AND p.stale = 1 ORDER BY p.type DESC, p.entity DESC"
        )
        pending += [artifact for (artifact,) in db.execute(upper, (node,))]
    return None


def _direct(db: sqlite3.Connection, naming: Naming, child: int) -> set[int]:
    """The artifacts whose change in a head's own basis makes it stale."""
    rows = db.execute(
        "SELECT DISTINCT p.id FROM edge e JOIN artifact p ON p.id = e.parent"
        " WHERE e.child = ? AND e.content <> p.content",
        (child,),
    )
    found = {artifact for (artifact,) in rows}
    sets = "SELECT gathered FROM gathering WHERE child = ? AND differs = 1"
    for (gathered,) in db.execute(sets, (child,)).fetchall():
        change = naming.change(gathered)
        found.update(change.collections if change else ())
    (number,) = db.execute("SELECT number FROM artifact WHERE id = ?", (child,)).fetchone()
    return found - removed_by_assessment(db, child, number)


def _is_assessed(db: sqlite3.Connection, artifact: int) -> bool:
    row = db.execute("SELECT examined FROM artifact WHERE id = ?", (artifact,)).fetchone()
    return bool(row[0])


def _head_ref(db: sqlite3.Connection, artifact: int) -> ArtifactRef:
    row = db.execute(
        "SELECT type, entity, number FROM artifact WHERE id = ?", (artifact,)
    ).fetchone()
    return make_ref(*row)
