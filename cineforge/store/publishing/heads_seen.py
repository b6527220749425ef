"""Publishing only after a head that somebody has seen: an edit must not stand above what came meanwhile."""

from __future__ import annotations

import sqlite3

from cineforge.model.errors import CineForgeError
from cineforge.model.refs import ArtifactKey
from cineforge.store.index.queries import query


class HeadMoved(CineForgeError):
    """The head is not the one that the maker of a version has seen. Nothing was published."""


def has_intent(db: sqlite3.Connection, key: ArtifactKey) -> bool:
    """Whether a version of the artifact is declared and not yet registered."""
    asked = "SELECT 1 FROM intent WHERE type = ? AND entity = ?"
    return db.execute(asked, (key.artifact_type, key.entity_dir)).fetchone() is not None


def require_head(db: sqlite3.Connection, key: ArtifactKey, number: int | None) -> None:
    """Raise HeadMoved unless the head of an artifact has this number; 0 means that there is none. None: any will do."""
    if number is None:
        return
    if has_intent(db, key):
        raise HeadMoved(f"another version of {key} is being published just now: look at it first")
    head = query.head(db, key)
    if (0 if head is None else head.version) != number:
        now = "is gone" if head is None else f"is {head} now"
        raise HeadMoved(f"the head of {key} {now}, which this was not made after: look at it first")
