"""Publishing a batch of staged payloads: all of it or none, also when the process is killed at any point.

First the intent is committed to the index: which staging folder becomes which version, and the bytes of its
`meta.json`. From then on the batch counts as done: the renames follow, and whoever opens the store after a crash
does those that are left. The intent goes in the transaction that registers the versions.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cineforge.model.errors import StoreDamaged
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.store import durable, layout, links, owners
from cineforge.store.declaration import Declaration, Intent, Publication
from cineforge.store.index import numbers, query
from cineforge.store.index.database import Index
from cineforge.store.index.records import Record, Registrar, from_microseconds, to_microseconds
from cineforge.store.index.settle import settle
from cineforge.store.payloads import known_payload
from cineforge.store.placing import is_whole, place, prepare, sync_names
from cineforge.store.seal import parse_sealed, read_sealed


@dataclass(frozen=True)
class Batch:
    """A declared batch: from here on it counts as published, whatever happens to this process."""

    token: str
    intents: tuple[Intent, ...]

    @property
    def refs(self) -> tuple[ArtifactRef, ...]:
        return tuple(intent.metadata.ref for intent in self.intents)


def declare(index: Index, project: Path, owner: str, batch: Sequence[Publication]) -> Batch:
    """Check, number and seal the publications in order, and commit the intent. Nothing is declared on an error.

    A version's lineage may name one that stands before it in the batch. An intent for several versions is on the
    disk before this returns, so that a power cut leaves all or none. A single one needs that less than time: its
    rename is atomic, and after a power cut `recover` finds it by its folder.
    """
    token = secrets.token_hex(8)
    with durable.explaining(project):
        survives = len(batch) > 1 or not owners.boot_id()
        intents = index.write(
            lambda db: _declare(db, project, owner, token, batch), durable=survives
        )
    return Batch(token, tuple(intents))


def pending_batches(db: sqlite3.Connection, project: Path) -> dict[str, list[Batch]]:
    """The declared and not yet registered batches, by owner."""
    intents: dict[tuple[str, str], list[Intent]] = {}
    for owner, token, folder, meta in db.execute(
        "SELECT owner, batch, folder, meta FROM intent ORDER BY owner, batch, position"
    ):
        try:
            metadata = parse_sealed(meta, project / folder / layout.META_FILE)
        except StoreDamaged as error:
            # To the index, as any damage of its file is.
            raise sqlite3.DatabaseError(str(error)) from error
        intents.setdefault((owner, token), []).append(Intent(project / folder, metadata, meta))
    found: dict[str, list[Batch]] = {}
    for (owner, token), declared in intents.items():
        found.setdefault(owner, []).append(Batch(token, tuple(declared)))
    return found


def complete(index: Index, project: Path, batch: Batch) -> None:
    """Do what is left of a declared batch. Doing it twice does no harm.

    Raises CannotWrite when the disk does not let it be finished now: whoever opens the store next does.
    """
    try:
        with durable.explaining(project):
            # All of it is on the disk before the first becomes visible: so a power cut leaves a batch whole, too.
            for intent in [each for each in batch.intents if prepare(project, each)]:
                place(project, intent)
            sync_names(project, batch.intents)
            index.write(lambda db: _register(db, project, batch))
    except durable.CannotWrite as error:
        names = ", ".join(map(str, batch.refs[:8])) + (" ..." if len(batch.refs) > 8 else "")
        raise durable.CannotWrite(
            f"{error}. What was being saved is safe, and will be there then: {names}"
        ) from error


def abandon_if_lost(index: Index, project: Path, batch: Batch) -> bool:
    """Forget a declared batch of which nothing was published yet and a payload is gone; True when it was one."""
    placed = any(layout.version_dir(project, ref).exists() for ref in batch.refs)
    if placed or all(is_whole(intent) for intent in batch.intents):
        return False
    index.write(lambda db: db.execute("DELETE FROM intent WHERE batch = ?", (batch.token,)))
    return True


def _declare(
    db: sqlite3.Connection, project: Path, owner: str, token: str, batch: Sequence[Publication]
) -> list[Intent]:
    declaration = Declaration(_IndexLedger(db, project), project)
    intents = [declaration.add(publication) for publication in batch]
    declaration.check_members()
    # While a refusal (a full disk) can still leave everything as it was.
    for intent in intents:
        durable.write_bytes(intent.folder / layout.META_FILE, intent.meta)
    for position, intent in enumerate(intents):
        ref = intent.metadata.ref
        name = (ref.artifact_type, ref.key.entity_dir, ref.version)
        db.execute(
            "INSERT INTO intent VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                token,
                position,
                owner,
                intent.folder.relative_to(project).as_posix(),
                *name,
                intent.meta,
            ),
        )
        db.execute("DELETE FROM reservation WHERE type = ? AND entity = ? AND number = ?", name)
    return intents


class _IndexLedger:
    """The ledger as the index keeps it, within one write transaction."""

    def __init__(self, db: sqlite3.Connection, project: Path) -> None:
        self._db = db
        self._project = project

    def is_taken(self, key: ArtifactKey, number: int) -> bool:
        return numbers.is_published(self._db, key, number)

    def next_number(self, key: ArtifactKey, at_least: int) -> int:
        return numbers.next_number(self._db, self._project, key, at_least=at_least)

    def content_and_seal(self, ref: ArtifactRef) -> tuple[str, str]:
        row = query.require_version(self._db, ref)
        try:
            # The index is a cache; what is sealed for ever is taken from what is sealed itself.
            metadata = read_sealed(layout.version_dir(self._project, ref), ref)
        except StoreDamaged:
            return row.content, row.seal
        return metadata.content, metadata.seal

    def earlier(self, ref: ArtifactRef, content: str) -> int:
        row = self._db.execute(
            "SELECT max(v.number) FROM artifact a JOIN version v ON v.artifact = a.id"
            " JOIN content c ON c.id = v.content"
            " WHERE a.type = ? AND a.entity = ? AND v.number < ? AND c.digest = ?",
            (ref.artifact_type, ref.key.entity_dir, ref.version, content),
        ).fetchone()
        return row[0] or 0

    def now(self) -> datetime:
        """The time, but always later than any given before: so that "the latest" is well defined."""
        moment = to_microseconds(datetime.now(UTC))
        (value,) = self._db.execute(
            "INSERT INTO fact VALUES ('clock', ?)"
            " ON CONFLICT DO UPDATE SET value = max(value + 1, excluded.value) RETURNING value",
            (moment,),
        ).fetchone()
        return from_microseconds(value)


def _register(db: sqlite3.Connection, project: Path, batch: Batch) -> None:
    registrar = Registrar(db)
    for intent in batch.intents:
        ref = intent.metadata.ref
        payload = known_payload(ref.key, layout.version_dir(project, ref))
        registrar.add_all([Record(intent.metadata, payload)])
    settle(db, registrar.changes)
    db.execute("DELETE FROM intent WHERE batch = ?", (batch.token,))
    # Inside the transaction, so that two processes cannot leave the older of two heads as the current one.
    for key in {ref.key for ref in batch.refs}:
        head = query.head(db, key)
        if head is not None:
            with suppress(OSError):
                links.point_current(project, head)
