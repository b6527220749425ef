"""Which artifacts have vanished: no live collection names them any more, or what they were made for is gone."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable


def renew_vanished(db: sqlite3.Connection, changed: Iterable[int]) -> set[int]:
    """Bring the flags up to date, given the artifacts whose naming or `made_for` changed; returns the flipped.

    vanished(x): some collection ever named x, and each that names it now is vanished itself; or the artifact
    that x was made for is vanished. The least such set: a ring of artifacts that only hold up each other's flag
    has not vanished.
    """
    region = _region(db, changed)
    before = {artifact for artifact in region if _is_vanished(db, artifact)}
    _flag(db, before, 0)
    after: set[int] = set()
    pending = list(region)
    while pending:
        artifact = pending.pop()
        if artifact not in after and _has_reason(db, artifact):
            _flag(db, [artifact], 1)
            after.add(artifact)
            pending.extend(_made_for_or_in(db, artifact))
    return before ^ after


def _region(db: sqlite3.Connection, changed: Iterable[int]) -> set[int]:
    """What may flip: the changed artifacts and all that hangs on them.

    One that is not vanished and has no reason to be stays so, and nothing downstream can flip because of it.
    """
    region: set[int] = set()
    pending = [artifact for artifact in changed if _has_reason(db, artifact, or_is_vanished=True)]
    while pending:
        artifact = pending.pop()
        if artifact not in region:
            region.add(artifact)
            pending.extend(_made_for_or_in(db, artifact))
    return region


def _is_vanished(db: sqlite3.Connection, artifact: int) -> bool:
    row = db.execute("SELECT vanished FROM artifact WHERE id = ?", (artifact,)).fetchone()
    return bool(row[0])


def _flag(db: sqlite3.Connection, artifacts: Iterable[int], vanished: int) -> None:
    db.executemany(
        "UPDATE artifact SET vanished = ? WHERE id = ?", [(vanished, id_) for id_ in artifacts]
    )


def _has_reason(db: sqlite3.Connection, artifact: int, *, or_is_vanished: bool = False) -> bool:
    row = db.execute(
        "SELECT (a.named = 1 AND NOT EXISTS ("
        "  SELECT 1 FROM named n JOIN artifact c ON c.id = n.collection"
        "  WHERE n.member = a.id AND n.now = 1 AND c.vanished = 0))"
        " OR EXISTS (SELECT 1 FROM artifact m WHERE m.id = a.made_for AND m.vanished = 1)"
        " OR (?2 AND a.vanished = 1) FROM artifact a WHERE a.id = ?1",
        (artifact, or_is_vanished),
    ).fetchone()
    return bool(row[0])


def _made_for_or_in(db: sqlite3.Connection, artifact: int) -> list[int]:
    """What was made for an artifact and, when it is a collection, what it names."""
    rows = db.execute(
        "SELECT id FROM artifact WHERE made_for = ?1"
        " UNION SELECT member FROM named WHERE collection = ?1 AND now = 1",
        (artifact,),
    )
    return [row[0] for row in rows]
