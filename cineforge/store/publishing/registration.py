"""What publishing asks the index, and what it enters there within one write transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from cineforge.model.errors import StoreDamaged
from cineforge.model.metadata import ArtifactMetadata
from cineforge.model.refs import ArtifactKey, ArtifactRef, lean_ref
from cineforge.store import layout
from cineforge.store.index.health.refresh import refresh
from cineforge.store.index.queries import lookup
from cineforge.store.index.tables import clock, numbers
from cineforge.store.index.tables.columns import entity_of, to_microseconds
from cineforge.store.index.tables.records import Changes, Record, Registrar
from cineforge.store.publishing.sealed_before import SealedBefore, members_before, parents_before
from cineforge.store.publishing.sealing import BatchSealer, Intent, Publication
from cineforge.store.versions.current_links import LinkNotMade, point_current
from cineforge.store.versions.payloads import is_read_by_store, known_payload
from cineforge.store.versions.seal import content_and_seal


class IndexedVersions:
    """The `ExistingVersions` as the index keeps it."""

    def __init__(self, db: sqlite3.Connection, project: Path) -> None:
        self._db = db
        self._project = project
        self._clock = clock.Clock(db)
        self._parents = SealedBefore(db, project, parents_before)
        self._members = SealedBefore(db, project, members_before)

    def is_taken(self, key: ArtifactKey, number: int) -> bool:
        return numbers.is_published(self._db, key, number)

    def next_number(self, key: ArtifactKey, at_least: int) -> int:
        return numbers.next_number(self._db, self._project, key, at_least=at_least)

    def content_and_seal(self, ref: ArtifactRef, child: ArtifactKey) -> tuple[str, str]:
        known = self._parents.of(ref.key, ref.version, child)
        if known is not None:
            return known
        row = lookup.require_version(self._db, ref)
        try:
            # The index is a cache; what is sealed for ever is taken from what is sealed itself.
            return content_and_seal(layout.version_dir(self._project, ref), ref)
        except StoreDamaged:
            return row.content, row.seal

    def content(self, key: ArtifactKey, version: int, collection: ArtifactKey) -> str:
        known = self._members.of(key, version, collection)
        return known[0] if known else self.content_and_seal(lean_ref(key, version), collection)[0]

    def earlier(self, ref: ArtifactRef, content: str) -> int:
        if ref.version == 1:
            return 0
        row = self._db.execute(
            "SELECT max(v.number) FROM artifact a JOIN version v ON v.artifact = a.id"
            " JOIN content c ON c.id = v.content"
            " WHERE a.type = ? AND a.entity = ? AND v.number < ? AND c.digest = ?",
            (ref.artifact_type, ref.key.entity_dir, ref.version, content),
        ).fetchone()
        return row[0] or 0

    def now(self, key: ArtifactKey, payload: object) -> datetime:
        return self._clock.now(key, payload)


def seal(db: sqlite3.Connection, project: Path, batch: Iterable[Publication]) -> Iterator[Intent]:
    """Check, number and seal publications in order; later ones may refer to earlier ones. Changes nothing.

    One by one, as a batch may be large. Raises VersionExists, NotFound, InvalidPayload, StoreDamaged, some of it after
    the last.
    """
    sealer = BatchSealer(IndexedVersions(db, project), project)
    for publication in batch:
        yield sealer.add(publication)
    sealer.check_members()


def take_numbers(
    db: sqlite3.Connection, refs: Iterable[ArtifactRef], latest: ArtifactMetadata
) -> None:
    """The numbers are versions' from here on: they need no reservation, and what is sealed later than the latest of
    them has a later time.
    """
    db.executemany(
        "DELETE FROM reservation WHERE type = ? AND entity = ? AND number = ?",
        ((ref.artifact_type, ref.key.entity_dir, ref.version) for ref in refs),
    )
    clock.advance(db, to_microseconds(latest.created_at))


def register(db: sqlite3.Connection, project: Path, sealed: Iterable[Record]) -> list[LinkNotMade]:
    """Enter versions that were renamed into place, and let `current/` lead to the new heads.

    A payload that a record is without is read where it matters. Returns what stood in the way of links: that stops no
    publication.
    """
    changes, artifacts = _entered(db, project, sealed)
    refresh(db, changes)
    query = "SELECT type, entity, number FROM artifact WHERE id = ?"
    rows = (db.execute(query, (each,)).fetchone() for each in artifacts)
    return _point(project, ((ArtifactKey(row[0], entity_of(row[1])), row[2]) for row in rows))


def _entered(
    db: sqlite3.Connection, project: Path, sealed: Iterable[Record]
) -> tuple[Changes, set[int]]:
    """Enter versions; returns what that changes, and the row ids of their artifacts: there may be very many."""
    registrar = Registrar(db)
    artifacts: set[int] = set()
    for record in sealed:
        ref = record.metadata.ref
        if record.payload is None and is_read_by_store(ref.key):
            payload = known_payload(ref.key, layout.version_dir(project, ref))
            record = Record(record.metadata, payload)
        artifacts.add(registrar.add(record))
    return registrar.changes, artifacts


def point_to_heads(
    db: sqlite3.Connection, project: Path, keys: Iterable[ArtifactKey]
) -> list[LinkNotMade]:
    """Let `current/` lead to the heads of some artifacts; returns what stood in the way.

    Inside the transaction, so that two processes cannot leave the older of two heads as the current one.
    """
    return _point(project, ((key, numbers.head_number(db, key)) for key in keys))


def _point(project: Path, heads: Iterable[tuple[ArtifactKey, int | None]]) -> list[LinkNotMade]:
    troubles = []
    inside = layout.Inside(project)
    for key, number in heads:
        if number is not None:
            try:
                point_current(project, key, number, inside)
            except LinkNotMade as error:
                troubles.append(error)
            except OSError as error:
                troubles.append(LinkNotMade(key, f"the link of {key}: {error.strerror}"))
    return troubles
