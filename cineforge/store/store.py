"""The artifact store: the one door to the versions of a project."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from cineforge.model.errors import CineForgeError, ProjectBusy, StoreDamaged
from cineforge.model.health import Assessment, Hold
from cineforge.model.metadata import Provenance
from cineforge.model.refs import ArtifactKey, ArtifactRef, make_key
from cineforge.store import layout
from cineforge.store.disk.durable import CannotWrite
from cineforge.store.folder_sync import FolderSync
from cineforge.store.index.consistency import repair
from cineforge.store.index.database import Index, Work
from cineforge.store.index.queries import lookup, since
from cineforge.store.index.queries.since import Moment
from cineforge.store.index.rebuild import rebuild
from cineforge.store.index.tables import origin
from cineforge.store.judgement_records import new_record_key, record_provenance
from cineforge.store.locking import forks
from cineforge.store.locking.owners import sweep_orphans
from cineforge.store.publishing.heads_seen import has_intent
from cineforge.store.publishing.sealing import Publication
from cineforge.store.store_links import StoreLinks
from cineforge.store.versions.staging import discard_payload, stage_payload
from cineforge.store.versions.verification import make_read_only
from cineforge.store.writer import Writer

T = TypeVar("T")
#: How often a batch that another process is about to publish is looked for.
_LOOK_SECONDS = 0.02


class ArtifactStore(StoreLinks):
    """Versions, lineage and health of one project. Safe to share between threads; use one per process.

    Opening creates nothing. The first question may build the index from the folders and finishes what a killed
    process left half done. Every method may raise StoreDamaged, CannotWrite when the disk is full and, when
    another process holds the index for minutes, ProjectBusy.
    """

    def __init__(self, project: Path | str, *, only_look: bool = False) -> None:
        """`only_look`: nothing is settled, and nothing written in the project."""
        super().__init__()
        self.project = Path(project).absolute()
        self._index = Index(self.project, only_look=only_look)
        self._sync = FolderSync(self._index, self.project, only_look=only_look)
        self._writer = Writer(self._index, self.project)
        forks.register(self)

    def close(self) -> None:
        """Let go of the index, the owner's lock and numbers not used; what was staged and never published is swept."""
        self._writer.close()

    def __enter__(self) -> ArtifactStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def owner(self) -> str:
        """The token of this live store, for `stage_payload`: what is staged under it is swept if we die."""
        return self._writer.token

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
        self._sync.once()
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
        self.check_artifacts(checked)
        self._ready_to_write()
        return self._writer.reserve(checked, run_id, common=common)

    def release(self, reserved: Mapping[ArtifactKey, int]) -> None:
        """Give back numbers that were reserved and not used."""
        self._ready_to_write()
        self._writer.release(reserved)

    def publish(
        self, batch: Iterable[Publication], *, unless_held: bool = False
    ) -> tuple[ArtifactRef, ...]:
        """Publish staged payloads, all or none, also if this process is killed meanwhile.

        What is no sequence is gone through more than once, and held one by one: it may be large. Its artifacts are not
        looked at, as those of a sequence are: `reserve` has just done so.

        Raises VersionExists, NotFound (a parent, a named member, a subject), InvalidPayload; then nothing
        was published, and the staged payloads are still there. With `unless_held` the same by HeldMeanwhile, when a
        version would take the place of a head that is held: as runs publish.
        """
        self._sync.once()
        if isinstance(batch, Sequence):
            self.check_artifacts(publication.staged.key for publication in batch)
        refs, troubles = self._writer.publish(batch, unless_held=unless_held)
        self._note_links(troubles)
        return refs

    def publish_each(
        self, publications: Sequence[Publication], *, unless_held: bool = False
    ) -> list[ArtifactRef | CineForgeError]:
        """Publish staged payloads of as many artifacts, under the numbers reserved for them: none hinders another.

        What became of each, in order: its version or, if it was not published and is still staged, why: VersionExists,
        NotFound, InvalidPayload, with `unless_held` HeldMeanwhile. Only one that fits in no transaction with others, as
        it has several outputs, must be published by `publish`.
        """
        self._sync.once()
        outcomes, troubles = self._writer.publish_each(publications, unless_held=unless_held)
        self._note_links(troubles)
        return outcomes

    def assess(self, assessment: Assessment) -> ArtifactRef:
        """Record a judgement on one version. Raises NotFound when it or what was examined does not exist."""
        return self.assess_all([assessment])[0]

    def assess_all(self, assessments: Iterable[Assessment]) -> tuple[ArtifactRef, ...]:
        """Record judgements, all or none. Raises NotFound when a version, or what was examined, does not exist."""
        return self._save_records(assessments)

    def record_hold(self, hold: Hold) -> ArtifactRef:
        """Record that an artifact is held, or free again. Raises NotFound when it has no version.

        When this returns, the head is what is held: a version that had been declared before is there by then.
        """
        return self.record_holds([hold])[0]

    def record_holds(self, holds: Sequence[Hold]) -> tuple[ArtifactRef, ...]:
        """Record for several artifacts that they are held, or free again: all or none."""
        keys = [ArtifactKey(each.artifact_type, each.entity_id) for each in holds]
        self.check_artifacts(keys)
        for key in keys:
            if self.head(key) is None:
                first = ArtifactRef(
                    artifact_type=key.artifact_type, entity_id=key.entity_id, version=1
                )
                self._read(partial(lookup.require_version, ref=first))
        records = self._save_records(holds)
        for key in keys:
            while self._read(partial(has_intent, key=key)):
                time.sleep(_LOOK_SECONDS)
                self.catch_up()  # who declared it may have died
        return records

    def _save_records(self, said: Iterable[Assessment | Hold]) -> tuple[ArtifactRef, ...]:
        self._sync.once()
        batch: list[Publication] = []
        try:
            for each in said:
                staged = stage_payload(self.project, new_record_key(each), each, {}, self.owner)
                batch.append(Publication(staged, record_provenance(each)))
            return self.publish(batch) if batch else ()
        except Exception:
            for publication in batch:
                discard_payload(publication.staged)
            raise

    # Caches of the folders

    def catch_up(self) -> None:
        """Register what jobs on other hosts have published, and settle what the dead left."""
        self._sync.catch_up()

    def check_artifacts(self, keys: Iterable[ArtifactKey]) -> None:
        """Register what others have done to the folders of these artifacts: `git pull`, a copy, deletions."""
        self._sync.artifacts(keys)

    def check_folders(self, *, deep: bool = False) -> None:
        """Look at the time of every artifact's folder, and register what was done to those that changed.

        `deep`: also of every version's, which finds versions that are others now under the same number.
        """
        self._sync.everything(deep=deep)

    def require_all_known(self) -> None:
        """Raise StoreDamaged for versions that are there and that the index lacks: a run would make them once more.

        They may not be read, or Git changed their line ends.
        """
        self._sync.require_all_known()

    def register(self, keys: Iterable[ArtifactKey]) -> None:
        """Register the versions of some artifacts that are on the disk and unknown to the index."""
        self._sync.register(keys)

    def make_read_only(self, ref: ArtifactRef) -> bool:
        """Make sure that nobody writes to a version by mistake; True when somebody could have."""
        folder = layout.version_dir(self.project, ref)
        layout.require_inside(self.project, folder.parent)
        return make_read_only(folder)

    def moment(self) -> Moment | None:
        """Where the index is by now, for `changed_since`; None where it cannot tell."""
        found = self._read(since.moment)
        if found is None:  # an earlier program made it
            with suppress(CannotWrite, ProjectBusy):
                self._index.write(origin.make_known_anew)
                found = self._read(since.moment)
        return found

    def leave_stamp(self) -> None:
        """Do now what closing would do in the folders: from here on closing leaves them as they are."""
        self._writer.leave_stamp()

    def reindex(self) -> None:
        """Build the index, tickets and `current/` links anew from the folders.

        Raises StoreDamaged, after all is done, when folders could not be read as versions.
        """
        self._ready_to_write()
        unreadable = self._index.write(self._rebuild)
        sweep_orphans(self.project)
        self.ensure_all_tickets()
        self._note_links(self.repair_links(self.list_artifacts()))
        if unreadable:
            listed = "\n".join(f"  {folder}" for folder in unreadable)
            raise StoreDamaged(
                f"the index is complete but for folders that cannot be read as versions:\n{listed}\n"
                "Look at their permissions, restore them from a backup or a clone, or move them away."
            )

    def repair_index(self) -> bool:
        """Make the index anew if it says anything else than the folders; True when it did. Reads every record."""
        self._sync.once()
        return not self._index.is_read_only and repair(self._index, self.project)

    # Inside

    def _rebuild(self, db: sqlite3.Connection) -> list[Path]:
        origin.forget_gone(db)
        return rebuild(db, self.project)

    def _read(self, work: Work[T]) -> T:
        self._sync.once()
        return self._index.read(work)

    def _ready_to_write(self) -> None:
        self.project.mkdir(parents=True, exist_ok=True)
        self._sync.once()

    def before_fork(self) -> None:
        """For `forks`."""
        self._index.before_fork()

    def after_fork(self) -> None:
        """For `forks`."""
        self._index.after_fork()

    def after_fork_in_child(self) -> None:
        """For `forks`. In a forked child: the connection and the lock are the parent's; ours are made when needed."""
        self._links_lock = threading.Lock()
        self._sync.after_fork_in_child()
        self._index.abandon()
        self._writer.after_fork_in_child()
