"""For all stale heads at once, the nearest of the changes that make them so: what is stale, by its cause."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator

from cineforge.model.refs import ArtifactRef
from cineforge.store.index.health.assessed import removed_by_assessment
from cineforge.store.index.health.gathered_sets import Naming
from cineforge.store.index.health.upstream import first_change
from cineforge.store.index.queries.query import stale_heads
from cineforge.store.index.tables.columns import make_ref


def nearest_changes(db: sqlite3.Connection) -> dict[ArtifactRef, ArtifactRef | None]:
    """The stale heads, each with the change that is the fewest steps away; of several, the first by its name.

    Level by level down from the changes: each head is looked at once, whatever there is above it.
    """
    stale = stale_heads(db, limit=None)
    if not stale:
        return {}
    names: dict[int, ArtifactRef] = {}
    assessed = {row[0]: _removed(db, *row) for row in db.execute(_ASSESSED).fetchall()}
    nearest: dict[int, int] = {}
    level = list(_direct(db))
    while level:
        names |= _names(db, {each for pair in level for each in pair} - names.keys())
        fresh: dict[int, int] = {}
        for change, child in level:
            if child in nearest or change in assessed.get(child, ()):
                continue
            known = fresh.get(child)
            if known is None or str(names[change]) < str(names[known]):
                fresh[child] = change
        nearest |= fresh
        readers = db.execute(_READERS, (json.dumps([*fresh]),))
        level = [(fresh[parent], child) for parent, child in readers]
    found = {names[child]: names[change] for child, change in nearest.items()}
    # The nearest change may end at an assessment that another one passes.
    return {ref: found.get(ref) or first_change(db, ref) for ref in stale}


_NAMES = (
    "SELECT a.id, a.type, a.entity, a.number FROM json_each(?) f CROSS JOIN artifact a ON a.id = f.value"
    " WHERE a.head IS NOT NULL"
)
_ASSESSED = "SELECT id, number FROM artifact WHERE examined = 1 AND stale = 1"
_READERS = (
    "SELECT e.parent, e.child FROM json_each(?) f CROSS JOIN edge e ON e.parent = f.value"
    " CROSS JOIN artifact a ON a.id = e.child WHERE a.stale = 1"
)
_CHANGED = (
    "SELECT e.parent, e.child FROM artifact a CROSS JOIN edge e ON e.child = a.id"
    " CROSS JOIN artifact p ON p.id = e.parent WHERE a.stale = 1 AND p.content <> e.content"
)
_GATHERED = (
    "SELECT g.child, g.gathered FROM gathering g CROSS JOIN artifact a ON a.id = g.child"
    " WHERE g.differs = 1 AND a.stale = 1"
)


def _names(db: sqlite3.Connection, artifacts: Iterable[int]) -> dict[int, ArtifactRef]:
    """The heads of artifacts, by the numbers that the index has for these."""
    rows = db.execute(_NAMES, (json.dumps([*artifacts]),))
    return {row[0]: make_ref(*row[1:]) for row in rows}


def _direct(db: sqlite3.Connection) -> Iterator[tuple[int, int]]:
    """Pairs of a change, and a stale head in whose own basis it is."""
    yield from db.execute(_CHANGED)
    naming = Naming(db)
    changes: dict[int, tuple[int, ...]] = {}
    for child, gathered in db.execute(_GATHERED).fetchall():
        if gathered not in changes:
            change = naming.change(gathered)
            changes[gathered] = change.collections if change else ()
        yield from ((collection, child) for collection in changes[gathered])


def _removed(db: sqlite3.Connection, artifact: int, number: int) -> set[int]:
    return removed_by_assessment(db, artifact, number)
