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

from cineforge.model.collection import Collection, Outcome
from cineforge.model.errors import InvalidPayload, NotFound, StoreDamaged, VersionExists
from cineforge.model.health import Assessment
from cineforge.model.metadata import ArtifactMetadata, LineageEdge, Provenance
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.store import durable, layout, links, owners
from cineforge.store.index import numbers, query
from cineforge.store.index.database import Index
from cineforge.store.index.records import Record, Registrar, from_microseconds, to_microseconds
from cineforge.store.index.settle import settle
from cineforge.store.payloads import Known, known_payload
from cineforge.store.seal import parse_sealed, read_sealed, seal_metadata
from cineforge.store.staging import StagedPayload


@dataclass(frozen=True)
class Publication:
    """A staged payload and what its maker says of it; `version` None takes the next free number."""

    staged: StagedPayload
    provenance: Provenance
    version: int | None = None


@dataclass(frozen=True)
class Intent:
    """One staging folder on its way to become a version."""

    folder: Path
    metadata: ArtifactMetadata
    meta: bytes


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
            waiting = [intent for intent in batch.intents if _prepare(project, intent)]
            for intent in waiting:
                _place(project, intent)
            for parent in {layout.version_dir(project, ref).parent for ref in batch.refs}:
                durable.sync_file(parent)
            index.write(lambda db: _register(db, project, batch))
    except durable.CannotWrite as error:
        names = ", ".join(map(str, batch.refs[:8])) + (" ..." if len(batch.refs) > 8 else "")
        raise durable.CannotWrite(
            f"{error}. What was being saved is safe, and will be there then: {names}"
        ) from error


def abandon_if_lost(index: Index, project: Path, batch: Batch) -> bool:
    """Forget a declared batch of which nothing was published yet and a payload is gone; True when it was one."""
    placed = any(layout.version_dir(project, ref).exists() for ref in batch.refs)
    if placed or all(_is_whole(intent) for intent in batch.intents):
        return False
    index.write(lambda db: db.execute("DELETE FROM intent WHERE batch = ?", (batch.token,)))
    return True


def _declare(
    db: sqlite3.Connection, project: Path, owner: str, token: str, batch: Sequence[Publication]
) -> list[Intent]:
    declaration = _Declaration(db, project)
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


class _Declaration:
    """The checks and the sealing of one batch; later publications may refer to earlier ones."""

    def __init__(self, db: sqlite3.Connection, project: Path) -> None:
        self._db = db
        self._project = project
        self._sealed: dict[ArtifactRef, ArtifactMetadata] = {}
        self._payloads: list[tuple[ArtifactKey, Known]] = []

    def add(self, publication: Publication) -> Intent:
        staged = publication.staged
        folder = layout.artifact_dir(self._project, staged.key) / staged.folder.name
        if not owners.is_staging(folder.name) or not folder.is_dir():
            raise NotFound(f"{folder} is not a staged payload (any more): stage it again")
        layout.require_inside(self._project, folder)
        layout.require_inside(self._project, layout.current_path(self._project, staged.key).parent)
        payload = known_payload(staged.key, folder)
        if payload is not None:
            self._payloads.append((staged.key, payload))
        ref = self._number(staged.key, publication.version)
        sealed = seal_metadata(
            publication.provenance,
            ref=ref,
            lineage=[
                self._edge(parent.ref, parent.role) for parent in publication.provenance.lineage
            ],
            created_at=self._now(),
            data_digest=staged.data_digest,
            files=staged.files,
            content=staged.content,
            reproduces=self._earlier(ref, staged.content),
        )
        self._sealed[ref] = sealed.metadata
        return Intent(folder, sealed.metadata, sealed.content)

    def check_members(self) -> None:
        """Every version that a collection or an assessment of the batch names must exist, or be of the batch."""
        for key, payload in self._payloads:
            if isinstance(payload, Collection):
                for ref, outcome in payload.refs().items():
                    content = self._content_and_seal(ref)[0]
                    member = payload.members[ref.artifact_type][ref.key.entity_dir]
                    if outcome is not Outcome.HELD and member.content != content:
                        raise InvalidPayload(
                            f"the collection {key} names {ref} with another content than it has: name the version's own"
                        )
            elif isinstance(payload, Assessment):
                for ref in (payload.subject, *payload.examined):
                    self._content_and_seal(ref)

    def _number(self, key: ArtifactKey, wanted: int | None) -> ArtifactRef:
        in_batch = {ref.version for ref in self._sealed if ref.key == key}
        if wanted is None:
            floor = max(in_batch, default=0) + 1
            number = numbers.next_number(self._db, key, at_least=floor)
            # A folder that the index does not know (damaged, or put there by hand) keeps its number.
            while self._is_on_disk(key, number):
                number = numbers.next_number(self._db, key, at_least=number + 1)
        else:
            number = wanted
            if (
                number in in_batch
                or numbers.is_published(self._db, key, number)
                or self._is_on_disk(key, number)
            ):
                raise VersionExists(
                    f"{key}@{number} exists and is never overwritten: take the next free number"
                )
        return ArtifactRef(artifact_type=key.artifact_type, entity_id=key.entity_id, version=number)

    def _is_on_disk(self, key: ArtifactKey, number: int) -> bool:
        folder = layout.artifact_dir(self._project, key) / layout.version_name(number)
        return folder.exists() or folder.is_symlink()

    def _edge(self, parent: ArtifactRef, role: str) -> LineageEdge:
        content, seal = self._content_and_seal(parent)
        return LineageEdge(ref=parent, role=role, content=content, seal=seal)

    def _content_and_seal(self, ref: ArtifactRef) -> tuple[str, str]:
        sealed = self._sealed.get(ref)
        if sealed is not None:
            return sealed.content, sealed.seal
        row = query.require_version(self._db, ref)
        try:
            # The index is a cache; what is sealed for ever is taken from what is sealed itself.
            metadata = read_sealed(layout.version_dir(self._project, ref), ref)
        except StoreDamaged:
            return row.content, row.seal
        return metadata.content, metadata.seal

    def _earlier(self, ref: ArtifactRef, content: str) -> int | None:
        in_batch = [
            other.version
            for other, metadata in self._sealed.items()
            if other.key == ref.key and other.version < ref.version and metadata.content == content
        ]
        row = self._db.execute(
            "SELECT max(v.number) FROM artifact a JOIN version v ON v.artifact = a.id"
            " JOIN content c ON c.id = v.content"
            " WHERE a.type = ? AND a.entity = ? AND v.number < ? AND c.digest = ?",
            (ref.artifact_type, ref.key.entity_dir, ref.version, content),
        ).fetchone()
        return max([*in_batch, row[0] or 0]) or None

    def _now(self) -> datetime:
        """The time, but always later than any given before: so that "the latest" is well defined."""
        moment = to_microseconds(datetime.now(UTC))
        (value,) = self._db.execute(
            "INSERT INTO fact VALUES ('clock', ?)"
            " ON CONFLICT DO UPDATE SET value = max(value + 1, excluded.value) RETURNING value",
            (moment,),
        ).fetchone()
        return from_microseconds(value)


def _is_whole(intent: Intent) -> bool:
    """Whether a staged payload is there to the last byte: after a power cut it may not be."""
    staged = [(layout.DATA_FILE, intent.metadata.data_digest)]
    staged += [(f"{layout.FILES_DIR}/{file.path}", file.digest) for file in intent.metadata.files]
    try:
        return all(durable.digest_file(intent.folder / name) == digest for name, digest in staged)
    except OSError:
        return False


def _prepare(project: Path, intent: Intent) -> bool:
    """Bring what is staged to the disk; False when it became a version before the crash."""
    target = layout.version_dir(project, intent.metadata.ref)
    layout.require_inside(project, target.parent)
    if not intent.folder.is_dir():
        if target.is_dir():
            return False
        raise StoreDamaged(
            f"{intent.metadata.ref} was about to be published, but its folder {intent.folder} is gone: "
            f"delete {layout.PRIVATE}/index.sqlite to give it up and keep the rest"
        )
    meta = intent.folder / layout.META_FILE
    if not meta.is_file() or meta.read_bytes() != intent.meta:
        durable.write_bytes(meta, intent.meta)
    durable.sync_file(meta)
    durable.sync_file(intent.folder)
    return True


def _place(project: Path, intent: Intent) -> None:
    """Rename the staging folder to its version."""
    ref = intent.metadata.ref
    target = layout.version_dir(project, ref)
    if target.exists() or target.is_symlink():
        raise VersionExists(f"{target} appeared while {ref} was being published: move it away")
    intent.folder.rename(target)
    # Links are disposable: something odd in their place is told by `ensure_ticket`, and stops no publication.
    with suppress(OSError):
        links.point_ticket(project, ref, ref.version)


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
