"""When the newest version was sealed: time goes on from there, also when the machine's own clock was put back."""

from __future__ import annotations

import sqlite3


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
