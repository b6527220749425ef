"""Times of versions: in order for each artifact, also where the machine's own clock was wrong once.

Time goes on from the latest version of all, also when the clock was put back. But a moment that is far ahead of the
clock (it stood at 2038 when something was saved) concerns only the artifact that has it and what is said of that.
"""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta

from cineforge.model.health import Assessment, Hold
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.store.index.tables.columns import from_microseconds, make_ref, to_microseconds

#: What is later than now by more than this (microseconds) was dated by a clock that was wrong.
FAR_AHEAD = timedelta(days=1) // timedelta(microseconds=1)
#: The last moment that has a name.
_END = to_microseconds(datetime.max.replace(tzinfo=UTC))


def machine_time() -> int:
    """The machine's own clock, in microseconds since 1970."""
    return to_microseconds(datetime.now(UTC))


def latest(db: sqlite3.Connection) -> int:
    """The latest moment given to a version, in microseconds since 1970; or 0."""
    row = db.execute("SELECT value FROM fact WHERE name = 'clock'").fetchone()
    return int(row[0]) if row else 0


def advance(db: sqlite3.Connection, moment: int) -> None:
    """Nothing that is sealed from now on is as early as `moment`."""
    db.execute(
        "INSERT INTO fact VALUES ('clock', ?) ON CONFLICT DO UPDATE SET value = max(value, excluded.value)",
        (moment,),
    )


def far_ahead(db: sqlite3.Connection) -> list[ArtifactRef]:
    """The versions that are dated far later than now, the latest first."""
    limit = machine_time() + FAR_AHEAD
    if latest(db) <= limit:
        return []
    rows = db.execute(
        "SELECT a.type, a.entity, v.number FROM version v JOIN artifact a ON a.id = v.artifact"
        " WHERE v.created_at > ? ORDER BY v.created_at DESC",
        (limit,),
    )
    return [make_ref(*row) for row in rows]


class Clock:
    """Gives times to what is sealed, each later than whatever it has to follow."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._latest = latest(db)
        self._was_wrong = self._latest > machine_time() + FAR_AHEAD
        if self._was_wrong:
            self._latest = _latest_until(db, machine_time() + FAR_AHEAD)

    def now(self, key: ArtifactKey, payload: object) -> datetime:
        """The time, but later than all before: of those far ahead, than this artifact's and its subject's."""
        moment = self._latest = max(machine_time(), self._latest + 1)
        if self._was_wrong:
            moment = max(moment, self._latest_of(key, payload) + 1)
        return from_microseconds(min(moment, _END))

    def _latest_of(self, key: ArtifactKey, payload: object) -> int:
        keys = {key}
        if isinstance(payload, Hold):
            keys.add(ArtifactKey(payload.artifact_type, payload.entity_id))
        elif isinstance(payload, Assessment):
            keys.add(payload.subject.key)
        return max(_latest_about(self._db, each) for each in keys)


def _latest_until(db: sqlite3.Connection, limit: int) -> int:
    (found,) = db.execute(
        "SELECT max(created_at) FROM version WHERE created_at <= ?", (limit,)
    ).fetchone()
    return found or 0


def _latest_about(db: sqlite3.Connection, key: ArtifactKey) -> int:
    """When an artifact's latest version was made, or the latest word on it was said."""
    (found,) = db.execute(
        "SELECT max(moment) FROM (SELECT id FROM artifact WHERE type = ? AND entity = ?) a JOIN ("
        " SELECT artifact, created_at AS moment FROM version"
        " UNION ALL SELECT artifact, created_at FROM hold"
        " UNION ALL SELECT artifact, created_at FROM assessed) m ON m.artifact = a.id",
        (key.artifact_type, key.entity_dir),
    ).fetchone()
    return found or 0
