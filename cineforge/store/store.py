"""The artifact store: the one door to the versions of a project."""

from __future__ import annotations

import json
import os
import secrets
import threading
import weakref
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from cineforge.model.artifact import Artifact, Diff
from cineforge.model.collection import Collection
from cineforge.model.errors import NotFound, StoreDamaged
from cineforge.model.health import (
    ASSESSMENT_TYPE,
    HOLD_TYPE,
    ArtifactHealth,
    AssessedBy,
    Assessment,
    Hold,
)
from cineforge.model.metadata import ArtifactMetadata, Provenance, Source
from cineforge.model.names import is_collection
from cineforge.model.refs import ArtifactKey, ArtifactRef, make_key
from cineforge.store import layout, links
from cineforge.store.causes import Cause
from cineforge.store.declaration import Publication
from cineforge.store.diff import diff_data, diff_files
from cineforge.store.durable import CannotWrite, explaining
from cineforge.store.index import below, explain, numbers, query, upstream, watch
from cineforge.store.index.agreement import mend
from cineforge.store.index.database import Index, Work
from cineforge.store.index.query import HeadRow, HeadThen
from cineforge.store.index.rebuild import find_versions, rebuild
from cineforge.store.index.records import to_microseconds
from cineforge.store.index.watch import HealthChange
from cineforge.store.owners import Owner, sweep_orphans
from cineforge.store.payloads import known_payload
from cineforge.store.publish import complete, declare, pending_batches
from cineforge.store.recover import find_again, recover
from cineforge.store.seal import checked_payload, read_sealed
from cineforge.store.staging import discard_payload, stage_payload
from cineforge.store.verify import damage_of, make_read_only, verify_version

T = TypeVar("T")
_live: weakref.WeakSet[ArtifactStore] = weakref.WeakSet()


class ArtifactStore:
    """Versions, lineage and health of one project. Safe to share between threads; use one per process.

    Opening creates nothing. The first question may build the index from the folders and finishes what a killed
    process left half done. Every method may raise StoreDamaged, CannotWrite when the disk is full and, when
    another process holds the index for minutes, ProjectBusy.
    """

    def __init__(self, project: Path | str) -> None:
        self.project = Path(project).absolute()
        self._index = Index(self.project)
        self._lock = threading.RLock()
        self._owner: Owner | None = None
        self._recovered = False
        _live.add(self)

    def close(self) -> None:
        """Let go of the index and of the owner's lock; what was staged and never published is swept."""
        with self._lock:
            if self._owner is not None:
                # An error may have stopped a declared batch half way: the next to open the store finishes it.
                self._owner.resign(unfinished=self._has_unfinished(self._owner))
                self._owner = None
            self._index.close()

    def __enter__(self) -> ArtifactStore:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def owner(self) -> str:
        """The token of this live store, for `stage_payload`: what is staged under it is swept if we die."""
        with self._lock:
            if self._owner is None:
                self.project.mkdir(parents=True, exist_ok=True)
                self._owner = Owner(self.project)
            return self._owner.token

    # Saving

    def save_artifact(
        self,
        artifact_type: str,
        entity_id: str | None,
        data: Any,
        metadata: Provenance,
        *,
        files: Mapping[str, Path | bytes] | None = None,
    ) -> ArtifactRef:
        """Publish a payload, with attached files by name, as the next version of an artifact.

        Raises InvalidName, InvalidPayload, and NotFound for a parent that does not exist.
        """
        key = make_key(artifact_type, entity_id)
        owner = self.owner
        self._recover()
        staged = stage_payload(self.project, key, data, files or {}, owner)
        try:
            batch = declare(self._index, self.project, owner, [Publication(staged, metadata)])
        except Exception:
            discard_payload(staged)
            raise
        complete(self._index, self.project, batch)
        return batch.refs[0]

    def reserve(
        self, keys: Sequence[ArtifactKey], run_id: str, *, common: bool = False
    ) -> dict[ArtifactKey, int]:
        """Take the next free number of each artifact, so that other writers pass over it.

        With `common` all get the same number, the lowest that is free for each.
        """
        checked = [make_key(*key) for key in keys]
        return self._write(
            lambda db: numbers.reserve_numbers(db, self.project, checked, run_id, common)
        )

    def release(self, reserved: Mapping[ArtifactKey, int]) -> None:
        """Give back numbers that were reserved and not used."""
        self._write(lambda db: numbers.release_numbers(db, reserved))

    def publish(self, batch: Sequence[Publication]) -> tuple[ArtifactRef, ...]:
        """Publish staged payloads, all or none, also if this process is killed meanwhile.

        Raises VersionExists, NotFound (a parent, a named member, a subject), InvalidPayload; then nothing
        was published, and the staged payloads are still there.
        """
        owner = self.owner
        self._recover()
        declared = declare(self._index, self.project, owner, batch)
        complete(self._index, self.project, declared)
        return declared.refs

    def assess(self, assessment: Assessment) -> ArtifactRef:
        """Record a judgement on one version. Raises NotFound when it or what was examined does not exist."""
        source = Source.HUMAN if assessment.by is AssessedBy.PERSON else Source.AI
        said = Provenance(
            intent=f"{assessment.verdict.value}: {assessment.subject}",
            rationale=assessment.why,
            confidence=assessment.confidence,
            source=source,
        )
        return self.save_artifact(ASSESSMENT_TYPE, _record_id(), assessment, said)

    def record_hold(self, hold: Hold) -> ArtifactRef:
        """Record that an artifact is held, or free again. Raises NotFound when it has no version."""
        key = ArtifactKey(hold.artifact_type, hold.entity_id)
        if self.head(key) is None:
            first = ArtifactRef(artifact_type=key.artifact_type, entity_id=key.entity_id, version=1)
            self._read(lambda db: query.require_version(db, first))
        said = Provenance(intent=f"{hold.action.value}: {key}", rationale=hold.why)
        return self.save_artifact(HOLD_TYPE, _record_id(), hold, said)

    # Reading

    def load_artifact(self, ref: ArtifactRef) -> Artifact:
        """One version with its payload, metadata and present health. Its digest and seal are checked."""
        folder = self._folder(ref)
        metadata = read_sealed(folder, ref)
        raw = checked_payload(folder, metadata)
        return Artifact(ref, json.loads(raw), metadata, self.health(ref), folder)

    def checked_data(self, ref: ArtifactRef) -> Any:
        """The payload alone, its digest and seal checked."""
        folder = self._folder(ref)
        return json.loads(checked_payload(folder, read_sealed(folder, ref)))

    def load_data(self, ref: ArtifactRef) -> Any:
        """The payload alone, unchecked."""
        try:
            return json.loads(self._payload_bytes(ref))
        except ValueError as error:
            raise StoreDamaged(f"the payload of {ref} is not JSON any more: {error}") from error

    def metadata(self, ref: ArtifactRef) -> ArtifactMetadata:
        """The sealed record of a version, its seal checked."""
        return read_sealed(self._folder(ref), ref)

    def verify(self, ref: ArtifactRef) -> None:
        """Check every byte of a version, and that its parents are still what it was made from."""
        verify_version(self.project, self._folder(ref), ref)

    def every_version(self) -> list[ArtifactRef]:
        """All versions in order of their names: those there are, damaged ones included, and those that are gone
        and something was made from."""
        known = set(self._read(query.every_version))
        known.update(ref for ref, _ in find_versions(self.project))
        return sorted(known, key=lambda ref: (ref.artifact_type, ref.key.entity_dir, ref.version))

    def damage(self, ref: ArtifactRef) -> str | None:
        """What is wrong with a version, with what to do; None when its every byte is as it was sealed."""
        return damage_of(self.project, ref)

    def make_read_only(self, ref: ArtifactRef) -> bool:
        """Make sure that nobody writes to a version by mistake; True when somebody could have."""
        return make_read_only(layout.version_dir(self.project, ref))

    def list_versions(self, artifact_type: str, entity_id: str | None = None) -> list[ArtifactRef]:
        """All versions in numerical order; none for an artifact that does not exist."""
        key = make_key(artifact_type, entity_id)
        return self._read(lambda db: query.versions(db, key))

    def list_artifacts(self, artifact_type: str | None = None) -> list[ArtifactKey]:
        return self._read(lambda db: query.artifacts(db, artifact_type))

    def has(self, ref: ArtifactRef) -> bool:
        return self._read(lambda db: query.find_version(db, ref)) is not None

    def head(self, key: ArtifactKey) -> ArtifactRef | None:
        return self._read(lambda db: query.head(db, key))

    def heads(self) -> dict[ArtifactKey, HeadRow]:
        """The heads of all artifacts, in one query."""
        return self._read(query.heads)

    def heads_of(self, keys: Iterable[ArtifactKey]) -> dict[ArtifactKey, HeadRow]:
        """The heads of some artifacts; those without a version are left out."""
        return self._read(lambda db: query.heads_of(db, keys))

    def heads_at(self, moment: datetime) -> list[HeadThen]:
        """The heads as they were at a moment (with a time zone), in order of their names."""
        return self._read(lambda db: query.heads_at(db, to_microseconds(moment)))

    def catch_up(self) -> None:
        """Register what jobs on other hosts have published, and settle what the dead left."""
        with self._lock:
            recover(self._index, self.project)
            self._recovered = True

    def register(self, keys: Iterable[ArtifactKey]) -> None:
        """Register the versions of some artifacts that are on the disk and unknown to the index."""
        self._recover()
        find_again(self._index, self.project, keys)

    def works(self, key: ArtifactKey) -> list[tuple[ArtifactRef, str]]:
        """An artifact's versions that may stand for their work again, newest first, with their fingerprints.

        One of which a revision is asked for may not, nor a collection that names such a one.
        """
        made = self._read(lambda db: query.works(db, key))
        return [work for work in made if not self._names_revised(work[0])]

    def made_by_the_same_work(self, key: ArtifactKey, fingerprint: str) -> list[ArtifactRef]:
        """Those of `works` with this fingerprint."""
        made = self._read(lambda db: query.made_by_the_same_work(db, key, fingerprint))
        return [ref for ref in made if not self._names_revised(ref)]

    def _names_revised(self, ref: ArtifactRef) -> bool:
        if not is_collection(ref.artifact_type):
            return False
        asked = self._read(query.revisions_asked)
        return bool(asked) and not asked.isdisjoint(self.collection_of(ref).refs())

    def assessment(self, ref: ArtifactRef) -> Assessment | None:
        """The latest assessment of exactly this version."""
        record = self._read(lambda db: query.latest_assessment(db, ref))
        return (
            None if record is None else Assessment.model_validate_json(self._payload_bytes(record))
        )

    def folder(self, ref: ArtifactRef) -> Path:
        """Where a version lies. Raises NotFound, or StoreDamaged when its folder is gone."""
        return self._folder(ref)

    def diff_versions(self, a: ArtifactRef, b: ArtifactRef) -> Diff:
        """What differs from `a` to `b`, also between two artifacts."""
        before, after = self.load_artifact(a), self.load_artifact(b)
        return Diff(
            a,
            b,
            diff_data(before.data, after.data),
            diff_files(before.metadata.files, after.metadata.files),
        )

    def collection(self, key: ArtifactKey) -> Collection | None:
        """What the head of a collection names; None when the fan-out has not run."""
        ref = self.head(key)
        if ref is None:
            return None
        return self.collection_of(ref)

    def collection_of(self, ref: ArtifactRef) -> Collection:
        """What one version of a collection names. Raises NotFound for anything else."""
        payload = known_payload(ref.key, layout.version_dir(self.project, ref))
        if not isinstance(payload, Collection):
            raise NotFound(f"{ref.key} is not a collection: ask for the type '<stage>.members'")
        return payload

    def used_ids(self, artifact_type: str) -> set[str]:
        """Every entity id that versions or collections of this type ever used."""
        return self._read(lambda db: query.used_ids(db, artifact_type))

    # The graph

    def depends_on(self, ref: ArtifactRef, *, transitive: bool = False) -> list[ArtifactRef]:
        """The exact versions that a version was made from."""
        return self._read(lambda db: query.walk(db, ref, query.lineage, transitive))

    def dependents(self, ref: ArtifactRef, *, transitive: bool = False) -> list[ArtifactRef]:
        """The exact versions that were made from a version."""
        return self._read(lambda db: query.walk(db, ref, query.dependents, transitive))

    def built_on(self, ref: ArtifactRef) -> list[ArtifactRef]:
        """All versions made from a version, directly or not, the nearest first; also of one that is damaged or gone."""
        return self._read(lambda db: query.reach(db, ref, query.dependents, True))

    def valid_heads_below(
        self, changing: Iterable[ArtifactKey], judged: Iterable[ArtifactKey]
    ) -> list[ArtifactRef]:
        """The valid heads that stand on what is changing, direct or transitive: what may turn stale with it.

        What is `judged` anew is left out, with what stands on nothing else. A collection stands for its members.
        """
        return self._read(lambda db: below.valid_heads_below(db, changing, judged))

    def stale(self, limit: int | None = None) -> list[ArtifactRef]:
        """The heads that are stale, or the first so many of them; what has vanished is left out."""
        return self._read(lambda db: query.stale_heads(db, limit))

    def held(self) -> list[ArtifactRef]:
        """The heads that no machine may replace, records of the store's own included."""
        return self._read(query.held_heads)

    def health_counts(self) -> dict[str, dict[str, int]]:
        """By type: how many heads are in each state of health, or have `vanished`."""
        return self._read(query.health_counts)

    def vanished(self) -> list[ArtifactKey]:
        """What no collection names any more, and what was made for it."""
        return self._read(query.vanished)

    def orphaned(self) -> list[ArtifactKey]:
        """Of what has vanished, what was only made for an entity that no collection names any more."""
        return self._read(lambda db: query.vanished(db, named=False))

    def changes_behind(self) -> list[tuple[ArtifactRef, int]]:
        """The heads that make others stale, with how many stand directly on what was there before."""
        return self._read(upstream.changes_behind)

    def first_change(self, ref: ArtifactRef) -> ArtifactRef | None:
        """One upstream change that makes a head stale; `causes` tells all, at a price that grows with them."""
        return self._read(lambda db: upstream.first_change(db, ref))

    def health(self, ref: ArtifactRef) -> ArtifactHealth:
        return self._read(lambda db: explain.health(db, ref))

    def health_changes(self) -> list[HealthChange]:
        """Which heads' health this store's own writes changed since the last call; the first begins the watch."""
        return self._read(watch.changes)

    def causes(self, ref: ArtifactRef) -> list[Cause]:
        """The upstream changes that make a version stale, the nearest first."""
        return self._read(lambda db: explain.causes(db, ref))

    # Caches of the folders

    def reindex(self) -> None:
        """Build the index, tickets and `current/` links anew from the folders.

        Raises StoreDamaged, after all is done, when folders could not be read as versions.
        """
        unreadable = self._write(lambda db: rebuild(db, self.project))
        sweep_orphans(self.project)
        for key in self.list_artifacts():
            for ref in self.list_versions(*key):
                self.ensure_ticket(ref)
            self.ensure_current(key)
        if unreadable:
            listed = "\n".join(f"  {folder}" for folder in unreadable)
            raise StoreDamaged(
                f"the index is complete but for folders that cannot be read as versions:\n{listed}\n"
                "Restore them from a backup or a clone, or move them away."
            )

    def mend_index(self) -> bool:
        """Make the index anew if it says anything else than the folders; True when it did. Reads every record."""
        self._recover()
        return not self._index.is_read_only and mend(self._index, self.project)

    def ensure_ticket(self, ref: ArtifactRef, number: int | None = None) -> Path:
        """Make sure that the version's ticket is there and right; returns its path.

        With `number`, the ticket of that planned version leads to `ref` instead: a job that ended as kept after all.
        """
        self._folder(ref)
        with explaining(self.project):
            return links.point_ticket(self.project, ref, number or ref.version)

    def ensure_current(self, key: ArtifactKey) -> Path:
        """Make sure that `current/<type>/<entity>.json` leads to the head; returns its path."""
        ref = self.head(key)
        if ref is None:
            raise NotFound(f"{key} has no version yet: build it first")
        with explaining(self.project):
            return links.point_current(self.project, ref)

    # Inside

    def _folder(self, ref: ArtifactRef) -> Path:
        folder = layout.version_dir(self.project, ref)
        if not folder.is_dir():
            self._read(lambda db: query.require_version(db, ref))
            raise StoreDamaged(
                f"the folder {folder} is gone: restore it from a backup or a clone,"
                " or run 'cineforge reindex' to go on without it"
            )
        return folder

    def _payload_bytes(self, ref: ArtifactRef) -> bytes:
        try:
            return (self._folder(ref) / layout.DATA_FILE).read_bytes()
        except OSError as error:
            raise StoreDamaged(f"the payload of {ref} cannot be read: {error}") from error

    def _read(self, work: Work[T]) -> T:
        self._recover()
        return self._index.read(work)

    def _write(self, work: Work[T]) -> T:
        self.project.mkdir(parents=True, exist_ok=True)
        self._recover()
        return self._index.write(work)

    def _has_unfinished(self, owner: Owner) -> bool:
        try:
            pending = self._index.read(lambda db: pending_batches(db, self.project))
        except CannotWrite:
            # With the disk full nobody can tell. An error here would hide how the work itself ended.
            return True
        return owner.token in pending

    def _recover(self) -> None:
        with self._lock:
            if not self._recovered:
                recover(self._index, self.project)
                self._recovered = True

    def _forked(self) -> None:
        """In a forked child: the connection and the lock are the parent's; ours are made when needed."""
        self._lock = threading.RLock()
        self._index.abandon()
        if self._owner is not None:
            self._owner.forget()
            self._owner = None


def _record_id() -> str:
    """An entity id for a record: sorts by time, and is never used twice."""
    return f"{datetime.now(UTC):%Y%m%dt%H%M%S%f}-{secrets.token_hex(4)}"


def _after_fork() -> None:
    for store in _live:
        store._forked()


os.register_at_fork(after_in_child=_after_fork)
