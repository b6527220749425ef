"""Publishing a batch of staged payloads: all of it or none, also when the process is killed at any point.

First the intent is committed to the index: which staging folder becomes which version, and the bytes of its
`meta.json`. From then on the batch counts as done: the renames follow, and whoever opens the store after a crash
does those that are left. The intent goes in the transaction that registers the versions.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cineforge.model.errors import StoreDamaged
from cineforge.model.metadata import ArtifactMetadata
from cineforge.model.refs import ArtifactKey, ArtifactRef, lean_ref
from cineforge.store import layout
from cineforge.store.disk import durable
from cineforge.store.disk.barrier import MANY, Barrier
from cineforge.store.index.database import Index
from cineforge.store.index.tables.columns import entity_of
from cineforge.store.index.tables.records import Record
from cineforge.store.publishing.heads_seen import require_head
from cineforge.store.publishing.holds import require_unheld
from cineforge.store.publishing.registration import register, seal, take_numbers
from cineforge.store.publishing.renames import is_whole, move_into_place, prepare, sync_names
from cineforge.store.publishing.sealing import Intent, Move, Publication, read_intent
from cineforge.store.versions.current_links import LinkNotMade
from cineforge.store.versions.payloads import Known
from cineforge.store.versions.seal import read_sealed


@dataclass(frozen=True)
class Batch:
    """A declared batch: from here on it counts as published, whatever happens to this process."""

    token: str
    moves: Collection[Move]

    @property
    def refs(self) -> tuple[ArtifactRef, ...]:
        if isinstance(self.moves, _Moves):
            return tuple(self.moves.refs())
        return tuple(move.ref for move in self.moves)


class _Moves(Collection[Move]):
    """The moves of a batch that this process has declared: of each a line of text, as there may be very many."""

    def __init__(self, project: Path) -> None:
        self._home = f"{project}/{layout.ARTIFACTS}"
        self._lines: list[str] = []
        self._without_ticket: set[int] = set()
        #: By place in the batch: what the store itself reads, where this process has read it.
        self.payloads: dict[int, Known] = {}

    def add(self, intent: Intent) -> None:
        place, ref = len(self._lines), intent.ref
        where = f"{ref.artifact_type}/{ref.key.entity_dir}/{intent.folder.name}"
        self._lines.append(f"{where}/{ref.version}")
        if not intent.ticket:
            self._without_ticket.add(place)
        if intent.payload is not None:
            self.payloads[place] = intent.payload

    def refs(self) -> Iterator[ArtifactRef]:
        for line in self._lines:
            artifact_type, entity, _, version = line.split("/")
            yield lean_ref(ArtifactKey(artifact_type, entity_of(entity)), int(version))

    def __iter__(self) -> Iterator[Move]:
        for place, (line, ref) in enumerate(zip(self._lines, self.refs(), strict=True)):
            folder = f"{self._home}/{line.rpartition('/')[0]}"
            yield Move(Path(folder), ref, b"", ticket=place not in self._without_ticket)

    def __len__(self) -> int:
        return len(self._lines)

    def __contains__(self, other: object) -> bool:
        return any(move == other for move in self)


def commit_intents(
    index: Index,
    project: Path,
    owner: str,
    batch: Iterable[Publication],
    *,
    unless_held: bool = False,
) -> Batch:
    """Check, number and seal the publications in order, and commit the intent. Nothing is declared on an error.

    They are held one at a time, and may be gone through more than once.

    A version's lineage may name one that stands before it in the batch. The intent is on the disk before this
    returns, so that a power cut leaves all or none. With `unless_held`, raises HeldMeanwhile for what people hold.
    """
    token = secrets.token_hex(8)
    with durable.explaining(project):
        moves = index.write(
            lambda db: _write_intents(db, project, owner, token, batch, unless_held), durable=True
        )
    return Batch(token, moves)


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
            done = prepare(project, batch.moves, barrier)
            for move in batch.moves:
                if move.folder not in done:
                    move_into_place(project, move)
            sync_names(project, batch.moves, barrier, above=True)
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
    if placed or all(isinstance(move, Intent) and is_whole(move) for move in batch.moves):
        return False
    index.write(lambda db: db.execute("DELETE FROM intent WHERE batch = ?", (batch.token,)))
    return True


def _write_intents(
    db: sqlite3.Connection,
    project: Path,
    owner: str,
    token: str,
    batch: Iterable[Publication],
    unless_held: bool,
) -> _Moves:
    moves, latest = _Moves(project), None
    for position, intent in enumerate(seal(db, project, _after_heads(db, batch))):
        # While a refusal (a full disk) can still leave everything as it was.
        is_one_of_many = position >= MANY
        durable.write_bytes(intent.folder / layout.META_FILE, intent.meta, in_batch=is_one_of_many)
        ref = intent.ref
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
        latest = intent.metadata
        moves.add(intent)
    if latest is not None:  # each is later than the one before
        take_numbers(db, moves.refs(), latest)
    if unless_held:
        require_unheld(db, moves.refs())
    return moves


def _finish(db: sqlite3.Connection, project: Path, batch: Batch) -> list[LinkNotMade]:
    troubles = register(db, project, _records(db, project, batch))
    db.execute("DELETE FROM intent WHERE batch = ?", (batch.token,))
    return troubles


def _records(db: sqlite3.Connection, project: Path, batch: Batch) -> Iterator[Record]:
    """What was sealed, one by one, in order."""
    moves = batch.moves
    if not isinstance(moves, _Moves):
        for move in moves:
            assert isinstance(move, Intent), "what others have declared was read from the index"
            yield Record(move.metadata, move.payload)
        return
    query = "SELECT meta FROM intent WHERE batch = ? ORDER BY position"
    sealed = db.execute(query, (batch.token,))
    for place, ref in enumerate(moves.refs()):
        if row := sealed.fetchone():
            metadata = ArtifactMetadata.model_validate_json(row[0])
        else:  # somebody deleted the index since: this is a new one
            metadata = read_sealed(layout.version_dir(project, ref), ref)
        # Read once more if this is done again: a collection of very many is not held for that.
        yield Record(metadata, moves.payloads.pop(place, None))


def _after_heads(db: sqlite3.Connection, batch: Iterable[Publication]) -> Iterator[Publication]:
    """The publications, each once the head is found to be the one that its maker has seen."""
    for publication in batch:
        require_head(db, publication.staged.key, publication.only_after)
        yield publication
