"""What one store is as a writer: its owner's lock, the numbers it reserved, and its publications."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from cineforge.model.errors import ProjectBusy
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.store.disk.barrier import Barrier
from cineforge.store.disk.durable import CannotWrite, explaining
from cineforge.store.external.stamp import leave_stamp
from cineforge.store.index.database import Index
from cineforge.store.index.tables import numbers
from cineforge.store.locking import reservations
from cineforge.store.locking.owners import Owner, boot_id
from cineforge.store.publishing.batch import commit_intents, complete, pending_batches, though_safe
from cineforge.store.publishing.group_commit import GroupCommit, Outcome
from cineforge.store.publishing.sealing import Publication
from cineforge.store.publishing.single import SinglePublication
from cineforge.store.versions.current_links import LinkNotMade


class Writer:
    """Becomes an owner when it first writes. That the index is up to date is for the caller to see to."""

    def __init__(self, index: Index, project: Path) -> None:
        self._index = index
        self._project = project
        self._lock = threading.RLock()
        self._owner: Owner | None = None
        self._reserving: set[str] = set()
        self._unregistered = False
        self._published = False

    @property
    def token(self) -> str:
        """The token of this owner: what is staged under it is swept if we die."""
        with self._lock:
            if self._owner is None:
                self._project.mkdir(parents=True, exist_ok=True)
                self._owner = Owner(self._project)
            return self._owner.token

    def reserve(
        self, keys: Sequence[ArtifactKey], run_id: str, *, common: bool
    ) -> dict[ArtifactKey, int]:
        """Take the next free number of each artifact; with `common` the lowest that is free for each."""
        with self._lock:
            self._reserving.add(run_id)
        return self._index.write(
            lambda db: numbers.reserve_numbers(db, self._project, keys, run_id, common)
        )

    def release(self, reserved: Mapping[ArtifactKey, int]) -> None:
        self._index.write(lambda db: numbers.release_numbers(db, self._project, reserved))

    def publish(
        self, batch: Iterable[Publication], *, unless_held: bool
    ) -> tuple[tuple[ArtifactRef, ...], list[LinkNotMade]]:
        """Publish staged payloads, all or none; returns also what stood in the way of links."""
        owner = self.token
        self._published = True
        # Where nothing tells that the machine was started anew, only an intent brings back what a power cut leaves.
        if isinstance(batch, Sequence) and len(batch) == 1 and boot_id():
            ref, troubles = self._publish_single(batch[0], unless_held=unless_held)
            return (ref,), troubles
        batch_intents = commit_intents(
            self._index, self._project, owner, batch, unless_held=unless_held
        )
        troubles = complete(self._index, self._project, batch_intents, self._barrier)
        return batch_intents.refs, troubles

    def publish_each(
        self, publications: Sequence[Publication], *, unless_held: bool
    ) -> tuple[list[Outcome], list[LinkNotMade]]:
        """Publish staged payloads of as many artifacts, each by itself; also what stood in the way of links."""
        _ = self.token
        self._published = True
        group = GroupCommit(self._project, publications, unless_held=unless_held)
        try:
            with explaining(self._project):
                return group.publish(self._index, self._barrier), group.links_not_made
        except BaseException as error:
            if group.placed:
                self._unregistered = True
                if isinstance(error, CannotWrite):
                    raise though_safe(error, list(group.placed.values())) from error
            raise

    def close(self) -> None:
        """Let go of the numbers not used, the index, the owner; what is staged and not published is swept."""
        with self._lock:
            self._release_all()
            owner, self._owner = self._owner, None
            # An error may have stopped a declared batch half way: the next to open the store finishes it.
            unfinished = owner is not None and self._has_unfinished(owner)
            self.leave_stamp()
            self._index.close()
            if owner is not None:
                # What the index may still lose by a power cut, the owner's file tells of.
                owner.release(unfinished=unfinished or not self._index.sync_log())

    def leave_stamp(self) -> None:
        """Leave behind in the folders what tells that something was published, unless that was done since."""
        with self._lock:
            if self._published:
                self._published = False
                leave_stamp(self._index, self._project)

    def after_fork_in_child(self) -> None:
        """The owner, its lock and what it reserved are the parent's."""
        self._lock = threading.RLock()
        self._reserving.clear()
        self._unregistered = False
        self._published = False
        if self._owner is not None:
            self._owner.forget()
            self._owner = None

    @property
    def _barrier(self) -> Barrier | None:
        with self._lock:
            return None if self._owner is None else self._owner.barrier

    def _publish_single(
        self, publication: Publication, *, unless_held: bool
    ) -> tuple[ArtifactRef, list[LinkNotMade]]:
        single = SinglePublication(self._project, publication, unless_held=unless_held)
        try:
            with explaining(self._project):
                ref = single.publish(self._index)
            return ref, single.links_not_made
        except BaseException as error:
            if (placed := single.placed) is not None:
                self._unregistered = True
                if isinstance(error, CannotWrite):
                    raise though_safe(error, [placed]) from error
            raise

    def _release_all(self) -> None:
        for run_id in self._reserving:
            # With the disk full they stay taken: holes. An error here would hide how the work itself ended.
            with suppress(CannotWrite, ProjectBusy):
                self._index.write(functools.partial(numbers.release_all, run_id=run_id))
                reservations.forget(self._project, run_id)
        self._reserving.clear()

    def _has_unfinished(self, owner: Owner) -> bool:
        if self._unregistered:
            return True
        try:
            pending = self._index.read(lambda db: pending_batches(db, self._project))
        except CannotWrite:
            # With the disk full nobody can tell. An error here would hide how the work itself ended.
            return True
        return owner.token in pending
