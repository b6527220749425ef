"""Staleness brought up to date over the graph of heads, set by set inside SQLite.

Without assessments a head is stale when its own basis differs from what is there now (`direct`), or when a head it
stands on is stale: reachability. A confirming assessment breaks this: it takes single causes out of the stream, so
heads that have one are computed by the cause sets themselves (assessed.py), and the rest treats them as fixed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from cineforge.store.index.assessed import settle_assessed

#: Of artifact `n`: something in its own basis is not what it was.
_DIRECT = (
    "(EXISTS (SELECT 1 FROM edge e JOIN artifact p ON p.id = e.parent"
    "         WHERE e.child = n.id AND e.content <> p.content)"
    " OR EXISTS (SELECT 1 FROM gathering g WHERE g.child = n.id AND g.differs = 1))"
)
_STALE_PARENT = "EXISTS (SELECT 1 FROM edge e JOIN artifact p ON p.id = e.parent WHERE e.child = n.id AND p.stale = 1)"


def propagate(db: sqlite3.Connection, changed: Iterable[int], content: Iterable[int]) -> None:
    """Renew the health of `changed` heads, of what stands on artifacts of changed `content`, and of all below."""
    for table in ("seed", "region"):
        db.execute(f"CREATE TEMP TABLE IF NOT EXISTS {table} (id INTEGER PRIMARY KEY)")
        db.execute(f"DELETE FROM temp.{table}")
    db.executemany("INSERT OR IGNORE INTO seed VALUES (?)", [(id_,) for id_ in changed])
    db.executemany(
        "INSERT OR IGNORE INTO seed SELECT child FROM edge WHERE parent = ?",
        [(id_,) for id_ in content],
    )
    db.execute(
        "DELETE FROM seed WHERE id IN (SELECT s.id FROM seed s JOIN artifact a ON a.id = s.id WHERE a.head IS NULL)"
    )
    if not _settle_around_assessments(db):
        _lower(db)
    _raise(db)


def _settle_around_assessments(db: sqlite3.Connection) -> bool:
    """If assessed heads lie below the seeds: settle them, and clear all else below for `_raise`. Else False."""
    if db.execute("SELECT 1 FROM artifact WHERE examined = 1 LIMIT 1").fetchone() is None:
        return False
    db.execute(
        "WITH RECURSIVE below (id) AS (SELECT id FROM seed"
        " UNION SELECT e.child FROM below b JOIN edge e ON e.parent = b.id)"
        " INSERT INTO region SELECT id FROM below"
    )
    assessed = [
        row[0]
        for row in db.execute(
            "SELECT a.id FROM artifact a JOIN region r ON r.id = a.id WHERE a.examined = 1"
        )
    ]
    if not assessed:
        db.execute("DELETE FROM region")
        return False
    region = {row[0] for row in db.execute("SELECT id FROM region")}
    settle_assessed(db, assessed, region)
    db.execute(
        "UPDATE artifact SET stale = 0 WHERE stale = 1 AND examined = 0 AND id IN (SELECT id FROM region)"
    )
    return True


def _lower(db: sqlite3.Connection) -> None:
    """Clear the flag wherever it may have lost its reason; `_raise` sets it again where one is left.

    What is stale by its own basis stays so whatever happens above it: the search ends there.
    """
    db.execute(
        "WITH RECURSIVE loose (id) AS ("
        f" SELECT n.id FROM seed s JOIN artifact n ON n.id = s.id WHERE n.stale = 1 AND NOT {_DIRECT}"
        " UNION"
        " SELECT n.id FROM loose l JOIN edge le ON le.parent = l.id JOIN artifact n ON n.id = le.child"
        f" WHERE n.stale = 1 AND NOT {_DIRECT})"
        " INSERT INTO region SELECT id FROM loose"
    )
    db.execute("UPDATE artifact SET stale = 0 WHERE id IN (SELECT id FROM region)")


def _raise(db: sqlite3.Connection) -> None:
    """Set the flag on all with a reason of their own or a stale parent, and on all below them."""
    db.execute(
        "WITH RECURSIVE up (id) AS ("
        " SELECT n.id FROM (SELECT id FROM seed UNION SELECT id FROM region) s JOIN artifact n ON n.id = s.id"
        f" WHERE n.stale = 0 AND n.examined = 0 AND ({_DIRECT} OR {_STALE_PARENT})"
        " UNION"
        " SELECT n.id FROM up u JOIN edge ue ON ue.parent = u.id JOIN artifact n ON n.id = ue.child"
        " WHERE n.stale = 0 AND n.examined = 0)"
        " UPDATE artifact SET stale = 1 WHERE id IN (SELECT id FROM up)"
    )
