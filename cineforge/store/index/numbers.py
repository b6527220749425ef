"""Which version numbers are free. Numbers in the making count as taken: reservations and publishing intents."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path

from cineforge.model.refs import ArtifactKey
from cineforge.store import layout


def latest_number(db: sqlite3.Connection, key: ArtifactKey) -> int:
    """The highest published version, or 0."""
    row = db.execute(
        "SELECT number FROM artifact WHERE type = ? AND entity = ?",
        (key.artifact_type, key.entity_dir),
    ).fetchone()
    return (row[0] or 0) if row else 0


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
    """The lowest free number above the head's. A folder that the index does not know keeps its number, too."""
    taken = {
        row[0]
        for row in db.execute(
            "SELECT number FROM reservation WHERE type = ?1 AND entity = ?2"
            " UNION SELECT number FROM intent WHERE type = ?1 AND entity = ?2",
            (key.artifact_type, key.entity_dir),
        )
    }
    number = max(at_least, latest_number(db, key) + 1)
    while number in taken or layout.is_occupied(project, key, number):
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
    db.executemany(
        "INSERT INTO reservation VALUES (?, ?, ?, ?)",
        [(key.artifact_type, key.entity_dir, number, run_id) for key, number in numbers.items()],
    )
    return numbers


def release_numbers(db: sqlite3.Connection, numbers: Mapping[ArtifactKey, int]) -> None:
    """Give reservations back; what is not reserved is passed over."""
    db.executemany(
        "DELETE FROM reservation WHERE type = ? AND entity = ? AND number = ?",
        [(key.artifact_type, key.entity_dir, number) for key, number in numbers.items()],
    )
