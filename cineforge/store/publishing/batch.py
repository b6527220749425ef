"""Publishing a batch of staged payloads: all of it or none, also when the process is killed at any point.

First the intent is committed to the index: which staging folder becomes which version, and the bytes of its
`meta.json`. From then on the batch counts as done: the renames follow, and whoever opens the store after a crash
does those that are left. The intent goes in the transaction that registers the versions.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cineforge.model.errors import StoreDamaged
from cineforge.model.refs import ArtifactRef
from cineforge.store import layout
from cineforge.store.disk import durable
from cineforge.store.disk.barrier import Barrier
from cineforge.store.index.database import Index
from cineforge.store.publishing.heads_seen import require_head
from cineforge.store.publishing.holds import require_unheld
from cineforge.store.publishing.registration import register, seal, take_number
from cineforge.store.publishing.renames import is_whole, move_into_place, prepare, sync_names
from cineforge.store.publishing.sealing import Intent, Publication, read_intent
from cineforge.store.versions.current_links import LinkNotMade


@dataclass(frozen=True)
class Batch:
    """A declared batch: from here on it counts as published, whatever happens to this process."""

    token: str
    intents: tuple[Intent, ...]

    @property
    def refs(self) -> tuple[ArtifactRef, ...]:
        return tuple(intent.metadata.ref for intent in self.intents)


def commit_intents(
    index: Index,
    project: Path,
    owner: str,
    batch: Sequence[Publication],
    *,
    unless_held: bool = False,
) -> Batch:
    """Check, number and seal the publications in order, and commit the intent. Nothing is declared on an error.

    A version's lineage may name one that stands before it in the batch. The intent is on the disk before this
    returns, so that a power cut leaves all or none. With `unless_held`, raises HeldMeanwhile for what people hold.
    """
    token = secrets.token_hex(8)
    with durable.explaining(project):
        intents = index.write(
            lambda db: _write_intents(db, project, owner, token, batch, unless_held), durable=True
        )
    return Batch(token, tuple(intents))


def pending_batches(db: sqlite3.Connection, project: Path) -> dict[str, list[Batch]]:
    """The declared and not yet registered batches, by owner."""
    intents: dict[tuple[str, str], list[Intent]] = {}
    place = project / layout.INDEX
    for owner, token, folder, meta in db.execute(
        "SELECT owner, batch, folder, meta FROM intent ORDER BY owner, batch, position"
    ):
        try:
            intent = read_intent(project, owner, folder, meta, place)
        except (StoreDamaged, AttributeError, TypeError) as error:
            # To the index, as any damage of its file is.
            raise sqlite3.DatabaseError(str(error)) from error
        intents.setdefault((owner, token), []).append(intent)
    found: dict[str, list[Batch]] = {}
    for (owner, token), declared in intents.items():
        found.setdefault(owner, []).append(Batch(token, tuple(declared)))
    return found


def complete(
    index: Index, project: Path, batch: Batch, barrier: Barrier | None = None
) -> list[LinkNotMade]:
    """Do what is left of a declared batch. Doing it twice does no harm. Returns what stood in the way of links.

    The `barrier` of whoever staged it syncs many files at once. For a dead one's batch there is none: what the disk
    refused then may have been told to others since, so each file is asked.

    Raises CannotWrite when the disk does not let it be finished now: whoever opens the store next does.
    """
    try:
        with durable.explaining(project):
            # All of it is on the disk before the first becomes visible: so a power cut leaves a batch whole, too.
            for intent in prepare(project, batch.intents, barrier):
                move_into_place(project, intent)
            sync_names(project, batch.intents, barrier, above=True)
            return index.write(lambda db: _finish(db, project, batch))
    except durable.CannotWrite as error:
        raise though_safe(error, batch.refs) from error


def though_safe(error: durable.CannotWrite, refs: Sequence[ArtifactRef]) -> durable.CannotWrite:
    """What to tell when the disk refused after versions had become certain."""
    names = ", ".join(map(str, refs[:8])) + (" ..." if len(refs) > 8 else "")
    return durable.CannotWrite(
        f"{error}. What was being saved is safe, and will be there then: {names}"
    )


def abandon_if_lost(index: Index, project: Path, batch: Batch) -> bool:
    """Forget a declared batch of which nothing was published yet and a payload is gone; True when it was one."""
    placed = any(layout.version_dir(project, ref).exists() for ref in batch.refs)
    if placed or all(is_whole(intent) for intent in batch.intents):
        return False
    index.write(lambda db: db.execute("DELETE FROM intent WHERE batch = ?", (batch.token,)))
    return True


def _write_intents(
    db: sqlite3.Connection,
    project: Path,
    owner: str,
    token: str,
    batch: Sequence[Publication],
    unless_held: bool,
) -> list[Intent]:
    intents: list[Intent] = []
    for publication in batch:
        require_head(db, publication.staged.key, publication.only_after)
    for position, intent in enumerate(seal(db, project, batch)):
        # While a refusal (a full disk) can still leave everything as it was.
        durable.write_bytes(intent.folder / layout.META_FILE, intent.meta)
        ref = intent.metadata.ref
        db.execute(
            "INSERT INTO intent VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                token,
                position,
                owner,
                intent.folder.relative_to(project).as_posix(),
                ref.artifact_type,
                ref.key.entity_dir,
                ref.version,
                intent.meta,
            ),
        )
        take_number(db, intent.metadata)
        # The record itself is on its way to the disk: of a large batch it would fill the memory.
        intents.append(replace(intent, meta=b""))
    if unless_held:
        require_unheld(db, [intent.metadata.ref for intent in intents])
    return intents


def _finish(db: sqlite3.Connection, project: Path, batch: Batch) -> list[LinkNotMade]:
    troubles = register(db, project, batch.intents)
    db.execute("DELETE FROM intent WHERE batch = ?", (batch.token,))
    return troubles
