"""Staleness brought up to date over the graph of heads, set by set inside SQLite.

Without assessments a head is stale when its own basis differs from what is there now (`direct`), or when a head it
stands on is stale: reachability. A confirming assessment breaks this: it takes single causes out of the stream, so
heads that have one are computed by the cause sets themselves (assessed.py), and the rest treats them as fixed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection

from cineforge.store.index.health.assessed import settle_assessed
from cineforge.store.index.tables.columns import in_pieces

#: Of artifact `n`: something in its own basis is not what it was.
_DIRECT = (
    "(EXISTS (SELECT 1 FROM edge e JOIN artifact p ON p.id = e.parent"
    "         WHERE e.child = n.id AND e.content <> p.content)"
    " OR EXISTS (SELECT 1 FROM gathering g WHERE g.child = n.id AND g.differs = 1))"
)
_STALE_PARENT = "EXISTS (SELECT 1 FROM edge e JOIN artifact p ON p.id = e.parent WHERE e.child = n.id AND p.stale = 1)"


# CROSS JOIN keeps SQLite to the written order: it knows nothing of the size of temporary tables, and would
# rather read through all edges of the project.

#: Children of the artifacts whose content changed, by whether they used the content that is there now. Kept apart
#: from the seeds: they may be a hundred thousand, and what is to become of them shows without a further look.
_OUTDATED = (
    "SELECT m.child FROM moved o CROSS JOIN edge m ON m.parent = o.id AND m.content <> o.content"
)
_UPDATED = (
    "SELECT m.child FROM moved o CROSS JOIN edge m ON m.parent = o.id AND m.content = o.content"
)
#: Whether anything stands on these artifacts; whether one of them is stale, has reason to be, or was assessed.
_CONCERNS_OTHERS = (
    "SELECT EXISTS (SELECT 1 FROM json_each(?) o CROSS JOIN edge m ON m.parent = o.value)"
)
_CONCERNS_ITSELF = (
    "SELECT EXISTS (SELECT 1 FROM json_each(?) s CROSS JOIN artifact n ON n.id = s.value"
    f" WHERE n.stale = 1 OR n.examined = 1 OR {_DIRECT} OR {_STALE_PARENT})"
)
_TEMPORARY = ("moved", "seed", "region", "frontier", "beyond")


def propagate(db: sqlite3.Connection, changed: Collection[int], content: Collection[int]) -> None:
    """Renew the health of `changed` heads, of what stands on artifacts of changed `content`, and of all downstream."""
    # Most saves concern nobody.
    if not (_is_any(db, _CONCERNS_OTHERS, content) or _is_any(db, _CONCERNS_ITSELF, changed)):
        return
    _clear_temporary(db)
    db.executemany(
        "INSERT INTO seed SELECT id FROM artifact WHERE id = ? AND head IS NOT NULL",
        ((artifact,) for artifact in changed),
    )
    db.executemany(
        "INSERT INTO moved SELECT id, content FROM artifact WHERE id = ?",
        ((artifact,) for artifact in content),
    )
    if not _settle_around_assessments(db):
        _lower(db)
    _raise(db)


def _is_any(db: sqlite3.Connection, question: str, artifacts: Collection[int]) -> bool:
    return any(db.execute(question, (piece,)).fetchone()[0] for piece in in_pieces(artifacts))


def _clear_temporary(db: sqlite3.Connection) -> None:
    for table in _TEMPORARY:
        content = ", content INTEGER" if table == "moved" else ""
        db.execute(f"CREATE TEMP TABLE IF NOT EXISTS {table} (id INTEGER PRIMARY KEY{content})")
    _empty(db, *_TEMPORARY)


def _empty(db: sqlite3.Connection, *tables: str) -> None:
    for table in tables:
        db.execute(f"DELETE FROM {table}")


def _settle_around_assessments(db: sqlite3.Connection) -> bool:
    """Where assessed heads lie downstream: settle them, and clear all else there for `_raise`. Else False."""
    if db.execute("SELECT 1 FROM artifact WHERE examined = 1 LIMIT 1").fetchone() is None:
        return False
    db.execute(
        "WITH RECURSIVE downstream (id) AS ("
        " SELECT id FROM seed UNION SELECT m.child FROM moved o CROSS JOIN edge m ON m.parent = o.id"
        " UNION SELECT e.child FROM downstream b CROSS JOIN edge e ON e.parent = b.id)"
        " INSERT INTO region SELECT id FROM downstream"
    )
    assessed = [
        row[0]
        for row in db.execute(
            "SELECT a.id FROM region r CROSS JOIN artifact a ON a.id = r.id WHERE a.examined = 1"
        )
    ]
    if not assessed:
        db.execute("DELETE FROM region")
        return False
    settle_assessed(db, assessed, {row[0] for row in db.execute("SELECT id FROM region")})
    db.execute(
        "UPDATE artifact SET stale = 0"
        " WHERE stale = 1 AND examined = 0 AND id IN (SELECT id FROM region)"
    )
    return True


def _lower(db: sqlite3.Connection) -> None:
    """Clear the flag wherever it may have lost its reason; `_raise` sets it again where one is left.

    What is stale by its own basis stays so whatever happens above it: the search ends there.
    """
    # Level by level, and each of a level is looked at once: what gathers thousands stands downstream of each.
    frontier, beyond = "frontier", "beyond"
    found = db.execute(
        f"INSERT OR IGNORE INTO {frontier}"
        f" SELECT n.id FROM (SELECT id FROM seed UNION {_UPDATED}) s CROSS JOIN artifact n ON n.id = s.id"
        f" WHERE n.stale = 1 AND NOT {_DIRECT}"
    ).rowcount
    while found:
        db.execute(f"INSERT INTO region SELECT id FROM {frontier}")
        db.execute(f"DELETE FROM {beyond}")
        db.execute(
            f"INSERT OR IGNORE INTO {beyond}"
            f" SELECT n.id FROM {frontier} f CROSS JOIN edge e ON e.parent = f.id"
            " CROSS JOIN artifact n ON n.id = e.child"
            " WHERE n.stale = 1 AND n.id NOT IN (SELECT id FROM region)"
        )
        db.execute(f"DELETE FROM {frontier}")
        found = db.execute(
            f"INSERT INTO {frontier} SELECT n.id FROM {beyond} b CROSS JOIN artifact n ON n.id = b.id"
            f" WHERE NOT {_DIRECT}"
        ).rowcount
    _empty(db, frontier, beyond)
    db.execute("UPDATE artifact SET stale = 0 WHERE id IN (SELECT id FROM region)")


def _raise(db: sqlite3.Connection) -> None:
    """Set the flag on all with a reason of their own or a stale parent, and level by level on all downstream of them.

    A recursive query does the same in one statement, and takes three times as long on a wide level.
    """
    frontier, beyond = "frontier", "beyond"
    found = db.execute(
        f"INSERT OR IGNORE INTO {frontier}"
        " SELECT n.id FROM (SELECT id FROM seed UNION ALL SELECT id FROM region) s"
        " CROSS JOIN artifact n ON n.id = s.id"
        f" WHERE n.stale = 0 AND n.examined = 0 AND ({_DIRECT} OR {_STALE_PARENT})"
        f" UNION ALL SELECT n.id FROM ({_OUTDATED}) s CROSS JOIN artifact n ON n.id = s.child"
        " WHERE n.stale = 0 AND n.examined = 0"
    ).rowcount
    while found:
        db.execute(f"UPDATE artifact SET stale = 1 WHERE id IN (SELECT id FROM {frontier})")
        db.execute(f"DELETE FROM {beyond}")
        found = db.execute(
            f"INSERT OR IGNORE INTO {beyond}"
            f" SELECT n.id FROM {frontier} f CROSS JOIN edge e ON e.parent = f.id"
            " CROSS JOIN artifact n ON n.id = e.child WHERE n.stale = 0 AND n.examined = 0"
        ).rowcount
        frontier, beyond = beyond, frontier
