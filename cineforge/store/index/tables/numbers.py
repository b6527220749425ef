"""Which version numbers are free. Numbers in the making count as taken: reservations and publishing intents."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from cineforge.model.refs import ArtifactKey
from cineforge.store import layout
from cineforge.store.locking import reservations


def head_number(db: sqlite3.Connection, key: ArtifactKey) -> int | None:
    """The highest published version."""
    row = db.execute(
        "SELECT number FROM artifact WHERE type = ? AND entity = ?",
        (key.artifact_type, key.entity_dir),
    ).fetchone()
    return row[0] if row else None


def is_published(db: sqlite3.Connection, key: ArtifactKey, number: int) -> bool:
    """Published, or about to be: an intent is as good as done."""
    row = db.execute(
        "SELECT EXISTS (SELECT 1 FROM version v JOIN artifact a ON a.id = v.artifact"
        "  WHERE a.type = ?1 AND a.entity = ?2 AND v.number = ?3)"
        " OR EXISTS (SELECT 1 FROM intent WHERE type = ?1 AND entity = ?2 AND number = ?3)",
        (key.artifact_type, key.entity_dir, number),
    ).fetchone()
    return bool(row[0])


def next_number(db: sqlite3.Connection, project: Path, key: ArtifactKey, at_least: int = 1) -> int:
    """The lowest free number above all that is published or in the making: the newest is what was begun last.

    So what a person saves while a run is on is never passed by what the run had planned before. A folder that the
    index does not know keeps its number, too, and so does a version that is gone.
    """
    (last,) = db.execute(
        "SELECT coalesce(max(number), 0) FROM ("
        " SELECT number FROM artifact WHERE type = ?1 AND entity = ?2"
        " UNION ALL SELECT number FROM gone WHERE type = ?1 AND entity = ?2"
        " UNION ALL SELECT number FROM reservation WHERE type = ?1 AND entity = ?2"
        " UNION ALL SELECT number FROM intent WHERE type = ?1 AND entity = ?2)",
        (key.artifact_type, key.entity_dir),
    ).fetchone()
    number: int = max(at_least, last + 1)
    while layout.is_occupied(project, key, number):
        number += 1
    return number


def reserve_numbers(
    db: sqlite3.Connection, project: Path, keys: Sequence[ArtifactKey], run_id: str, common: bool
) -> dict[ArtifactKey, int]:
    """Take the next free number of each artifact for a run; with `common` one number that is free for all."""
    numbers = {key: next_number(db, project, key) for key in keys}
    if common and numbers:
        shared, found = 0, max(numbers.values())
        while shared != found:
            shared = found
            found = max(next_number(db, project, key, at_least=shared) for key in keys)
        numbers = dict.fromkeys(numbers, shared)
    reservations.note_taken(project, run_id, numbers.items())
    _insert(db, ((run_id, *each) for each in numbers.items()))
    return numbers


def restore_reservations(db: sqlite3.Connection, project: Path) -> None:
    """Take again what runs have noted that they had reserved."""
    _insert(db, reservations.noted(project))


def _insert(db: sqlite3.Connection, reserved: Iterable[tuple[str, ArtifactKey, int]]) -> None:
    db.executemany(
        "INSERT OR IGNORE INTO reservation VALUES (?, ?, ?, ?)",
        [(key.artifact_type, key.entity_dir, number, run_id) for run_id, key, number in reserved],
    )


def release_numbers(
    db: sqlite3.Connection, project: Path, numbers: Mapping[ArtifactKey, int]
) -> None:
    """Give reservations back; what is not reserved is passed over."""
    for key, number in numbers.items():
        row = db.execute(
            "DELETE FROM reservation WHERE type = ? AND entity = ? AND number = ? RETURNING run_id",
            (key.artifact_type, key.entity_dir, number),
        ).fetchone()
        if row:
            reservations.note_given_back(project, row[0], [(key, number)])


def release_all(db: sqlite3.Connection, run_id: str) -> None:
    """Give back whatever a run has left."""
    db.execute("DELETE FROM reservation WHERE run_id = ?", (run_id,))
