"""The artifact store: the one door to the versions of a project."""

from __future__ import annotations

import functools
import logging
import os
import secrets
import sqlite3
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from cineforge.model.errors import NotFound, ProjectBusy, StoreDamaged
from cineforge.model.health import (
    ASSESSMENT_TYPE,
    HOLD_TYPE,
    AssessedBy,
    Assessment,
    Hold,
)
from cineforge.model.metadata import Provenance, Source
from cineforge.model.refs import ArtifactKey, ArtifactRef, make_key
from cineforge.store import layout
from cineforge.store.disk.barrier import Barrier
from cineforge.store.disk.durable import CannotWrite, explaining
from cineforge.store.disk.temporary import sweep_temporary
from cineforge.store.external.detection import (
    Outside,
    line_ends_changed,
    look,
    look_at,
    recognise,
    told,
)
from cineforge.store.external.stamp import leave_stamp
from cineforge.store.index.consistency import mend
from cineforge.store.index.database import Index, Work
from cineforge.store.index.queries import lookup
from cineforge.store.index.rebuild import rebuild
from cineforge.store.index.tables import numbers, origin
from cineforge.store.locking import forks, reservations
from cineforge.store.locking.leftovers import sweep_live
from cineforge.store.locking.owners import Owner, boot_id, sweep_orphans
from cineforge.store.publishing.batch import (
    complete,
    declare,
    pending_batches,
    though_safe,
)
from cineforge.store.publishing.heads_seen import is_declared
from cineforge.store.publishing.recovery import find_again, recover, stand_aside
from cineforge.store.publishing.registration import point_to_heads
from cineforge.store.publishing.sealing import Publication
from cineforge.store.publishing.single import SinglePublication
from cineforge.store.questions import StoreQuestions
from cineforge.store.versions import links
from cineforge.store.versions.current_links import (
    LinkNotMade,
    in_the_way,
    odd_places,
    owe_link,
    owed_links,
    point_current,
    settle_owed_links,
)
from cineforge.store.versions.staging import discard_payload, stage_payload
from cineforge.store.versions.verification import make_read_only

T = TypeVar("T")
_log = logging.getLogger(__name__)
#: How often a batch that another process is about to publish is looked for.
_LOOK_SECONDS = 0.02


class ArtifactStore(StoreQuestions):
    """Versions, lineage and health of one project. Safe to share between threads; use one per process.

    Opening creates nothing. The first question may build the index from the folders and finishes what a killed
    process left half done. Every method may raise StoreDamaged, CannotWrite when the disk is full and, when
    another process holds the index for minutes, ProjectBusy.
    """

    def __init__(self, project: Path | str, *, only_look: bool = False) -> None:
        """`only_look`: nothing is settled, and nothing written in the project."""
        self.project = Path(project).absolute()
        self._index = Index(self.project, only_look=only_look)
        self._lock = threading.RLock()
        self._owner: Owner | None = None
        self._reserving: set[str] = set()
        self._recovered = False
        self._only_look = only_look
        self._unregistered = False
        self._published = False
        self._links_not_made: dict[ArtifactKey, LinkNotMade] = {}
        forks.attend(self)

    def close(self) -> None:
        """Let go of the index, the owner's lock and numbers not used; what was staged and never published is swept."""
        with self._lock:
            self._release_all()
            owner, self._owner = self._owner, None
            # An error may have stopped a declared batch half way: the next to open the store finishes it.
            unfinished = owner is not None and self._has_unfinished(owner)
            if self._published:
                leave_stamp(self._index, self.project)
            self._index.close()
            if owner is not None:
                # What the index may still lose by a power cut, the owner's file tells of.
                owner.resign(unfinished=unfinished or not self._index.sync_log())

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
        only_after: ArtifactRef | None = None,
    ) -> ArtifactRef:
        """Publish a payload, with attached files by name, as the next version of an artifact.

        Raises InvalidName, InvalidPayload, and NotFound for a parent that does not exist. With `only_after`, the head
        that its maker has seen, HeadMoved when there is another one.
        """
        key = make_key(artifact_type, entity_id)
        self._recover()
        staged = stage_payload(self.project, key, data, files or {}, self.owner)
        try:
            seen = None if only_after is None else only_after.version
            return self.publish([Publication(staged, metadata, only_after=seen)])[0]
        except Exception:
            discard_payload(staged)
            raise

    def reserve(
        self, keys: Sequence[ArtifactKey], run_id: str, *, common: bool = False
    ) -> dict[ArtifactKey, int]:
        """Take the next free number of each artifact, so that other writers pass over it until this store is closed.

        With `common` all get the same number, the lowest that is free for each.
        """
        checked = [make_key(*key) for key in keys]
        self.look_at(checked)
        with self._lock:
            self._reserving.add(run_id)
        return self._write(
            lambda db: numbers.reserve_numbers(db, self.project, checked, run_id, common)
        )

    def release(self, reserved: Mapping[ArtifactKey, int]) -> None:
        """Give back numbers that were reserved and not used."""
        self._write(lambda db: numbers.release_numbers(db, self.project, reserved))

    def publish(
        self, batch: Sequence[Publication], *, unless_held: bool = False
    ) -> tuple[ArtifactRef, ...]:
        """Publish staged payloads, all or none, also if this process is killed meanwhile.

        Raises VersionExists, NotFound (a parent, a named member, a subject), InvalidPayload; then nothing
        was published, and the staged payloads are still there. With `unless_held` the same by HeldMeanwhile, when a
        version would take the place of a head that is held: as runs publish.
        """
        owner = self.owner
        self._recover()
        self.look_at(publication.staged.key for publication in batch)
        self._published = True
        # Where nothing tells that the machine was started anew, only an intent brings back what a power cut leaves.
        if len(batch) == 1 and boot_id():
            return (self._publish_single(batch[0], unless_held=unless_held),)
        declared = declare(self._index, self.project, owner, batch, unless_held=unless_held)
        self._note_links(complete(self._index, self.project, declared, self._barrier))
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
        """Record that an artifact is held, or free again. Raises NotFound when it has no version.

        When this returns, the head is what is held: a version that had been declared before is there by then.
        """
        key = ArtifactKey(hold.artifact_type, hold.entity_id)
        self.look_at([key])
        if self.head(key) is None:
            first = ArtifactRef(artifact_type=key.artifact_type, entity_id=key.entity_id, version=1)
            self._read(lambda db: lookup.require_version(db, first))
        said = Provenance(intent=f"{hold.action.value}: {key}", rationale=hold.why)
        record = self.save_artifact(HOLD_TYPE, _record_id(), hold, said)
        while self._read(lambda db: is_declared(db, key)):
            time.sleep(_LOOK_SECONDS)
            self.catch_up()  # who declared it may have died
        return record

    # Caches of the folders

    def catch_up(self) -> None:
        """Register what jobs on other hosts have published, and settle what the dead left."""
        with self._lock:
            recover(self._index, self.project)
            self._recovered = True

    def look_at(self, keys: Iterable[ArtifactKey]) -> None:
        """Take up what others have done to the folders of these artifacts: `git pull`, a copy, deletions."""
        if not self.project.is_dir():
            return
        self._recover()
        _tell(look_at(self._index, self.project, keys))

    def look_around(self, *, deep: bool = False) -> None:
        """Look at the time of every artifact's folder, and take up what was done to those that changed.

        `deep`: also of every version's, which finds versions that are others now under the same number.
        """
        self._recover()
        _tell(look(self._index, self.project, wide=True, deep=deep))

    def require_line_ends(self) -> None:
        """Raise LineEndsChanged where Git changed those of versions: a run would make all of them once more."""
        self._recover()
        changed = line_ends_changed(self._index, self.project)
        if changed is not None:
            raise changed

    def register(self, keys: Iterable[ArtifactKey]) -> None:
        """Register the versions of some artifacts that are on the disk and unknown to the index."""
        self._recover()
        find_again(self._index, self.project, keys)

    def make_read_only(self, ref: ArtifactRef) -> bool:
        """Make sure that nobody writes to a version by mistake; True when somebody could have."""
        folder = layout.version_dir(self.project, ref)
        layout.require_inside(self.project, folder.parent)
        return make_read_only(folder)

    def reindex(self) -> None:
        """Build the index, tickets and `current/` links anew from the folders.

        Raises StoreDamaged, after all is done, when folders could not be read as versions.
        """
        unreadable = self._write(self._rebuild)
        sweep_orphans(self.project)
        for key in self.list_artifacts():
            for ref in self.list_versions(*key):
                self.ensure_ticket(ref)
        self._note_links(self.mend_links(self.list_artifacts()))
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
        layout.require_inside(self.project, self._folder(ref))
        with explaining(self.project):
            return links.point_ticket(self.project, ref, number or ref.version)

    def ensure_current(self, key: ArtifactKey) -> Path:
        """Make sure that `current/<type>/<entity>.json` leads to the head; returns its path. Raises LinkNotMade."""
        ref = self.head(key)
        if ref is None:
            raise NotFound(f"{key} has no version yet: build it first")
        with explaining(self.project):
            return point_current(self.project, key, ref.version)

    def links_not_made(self) -> list[LinkNotMade]:
        """What has stood in the way of `current/` links that this store was to make since the last call."""
        with self._lock:
            found, self._links_not_made = self._links_not_made, {}
        return list(found.values())

    def odd_links(self) -> list[LinkNotMade]:
        """What stands in the place of `current/` links now: edits that are in no version, above all."""
        keys = list(odd_places(self.project))
        current = self.project / layout.CURRENT
        if not current.is_dir() and os.path.lexists(current):
            keys = self.list_artifacts()[:1]
        heads = self.heads_of(keys)
        found = (in_the_way(self.project, key, row.ref.version) for key, row in heads.items())
        return [each for each in found if each is not None]

    def in_place_of_link(self, key: ArtifactKey) -> LinkNotMade | None:
        """What stands in the place of one artifact's `current/` link."""
        ref = self.head(key)
        return None if ref is None else in_the_way(self.project, key, ref.version)

    def mend_links(self, keys: Iterable[ArtifactKey] = ()) -> list[LinkNotMade]:
        """Make these `current/` links, and those that could not be made before; returns what is in the way."""
        wanted = {*keys, *owed_links(self.project), *odd_places(self.project)}
        known = self.heads_of(wanted)
        troubles = self._read(lambda db: point_to_heads(db, self.project, known))
        settle_owed_links(self.project, [each.key for each in troubles])
        return troubles

    # Inside

    def _note_links(self, troubles: Iterable[LinkNotMade]) -> None:
        for each in troubles:
            owe_link(self.project, each.key)
            with self._lock:
                self._links_not_made[each.key] = each

    @property
    def _barrier(self) -> Barrier | None:
        with self._lock:
            return None if self._owner is None else self._owner.barrier

    def _rebuild(self, db: sqlite3.Connection) -> list[Path]:
        origin.forget_gone(db)
        return rebuild(db, self.project)

    def _publish_single(self, publication: Publication, *, unless_held: bool) -> ArtifactRef:
        single = SinglePublication(self.project, publication, unless_held=unless_held)
        try:
            with explaining(self.project):
                ref = single.publish(self._index)
            self._note_links(single.links_not_made)
            return ref
        except BaseException as error:
            if (placed := single.placed) is not None:
                self._unregistered = True
                if isinstance(error, CannotWrite):
                    raise though_safe(error, [placed]) from error
            raise

    def _read(self, work: Work[T]) -> T:
        self._recover()
        return self._index.read(work)

    def _write(self, work: Work[T]) -> T:
        self.project.mkdir(parents=True, exist_ok=True)
        self._recover()
        return self._index.write(work)

    def _release_all(self) -> None:
        for run_id in self._reserving:
            # With the disk full they stay taken: holes. An error here would hide how the work itself ended.
            with suppress(CannotWrite, ProjectBusy):
                self._index.write(functools.partial(numbers.release_all, run_id=run_id))
                reservations.forget(self.project, run_id)
        self._reserving.clear()

    def _has_unfinished(self, owner: Owner) -> bool:
        if self._unregistered:
            return True
        try:
            pending = self._index.read(lambda db: pending_batches(db, self.project))
        except CannotWrite:
            # With the disk full nobody can tell. An error here would hide how the work itself ended.
            return True
        return owner.token in pending

    def _recover(self) -> None:
        with self._lock:
            # A folder that is not there yet has nothing to settle: saving makes it, asking says so.
            if not self._recovered and self.project.is_dir():
                some_dead = self._only_look and stand_aside(self._index, self.project)
                recognise(self._index, self.project)
                some_dead = recover(self._index, self.project) or some_dead
                if not self._index.is_read_only and not self._only_look:
                    sweep_live(self.project)
                    sweep_temporary()
                outside = look(self._index, self.project, wide=some_dead)
                self._recovered = True
                _tell(outside)
                if (changed := line_ends_changed(self._index, self.project)) is not None:
                    _log.warning("%s", changed)

    def before_fork(self) -> None:
        """For `forks`."""
        self._index.before_fork()

    def after_fork(self) -> None:
        """For `forks`."""
        self._index.after_fork()

    def after_fork_in_child(self) -> None:
        """For `forks`. In a forked child: the connection and the lock are the parent's; ours are made when needed."""
        self._lock = threading.RLock()
        self._index.abandon()
        self._reserving.clear()
        self._unregistered = False
        self._published = False
        if self._owner is not None:
            self._owner.forget()
            self._owner = None


def _tell(outside: Outside) -> None:
    if outside:
        _log.warning("%s", told(outside))


def _record_id() -> str:
    """An entity id for a record: sorts by time, and is never used twice."""
    return f"{datetime.now(UTC):%Y%m%dt%H%M%S%f}-{secrets.token_hex(4)}"
