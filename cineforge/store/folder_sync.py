"""Keeping the index in step with the folders: finishes what killed processes left, registers what others changed."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable
from pathlib import Path

from cineforge.model.refs import ArtifactKey
from cineforge.store.disk.temporary import sweep_temporary
from cineforge.store.external.detection import (
    ExternalChanges,
    changes_text,
    check_origin,
    find_changes,
    find_changes_of,
)
from cineforge.store.external.unread import lacking
from cineforge.store.index.database import Index
from cineforge.store.locking.leftovers import sweep_live
from cineforge.store.locking.owners import sweep_orphans
from cineforge.store.publishing.recovery import find_again, leave_to_writers, recover

_log = logging.getLogger(__name__)


class FolderSync:
    """What a store does before its first work, and whenever it is asked to look again."""

    def __init__(self, index: Index, project: Path, *, only_look: bool) -> None:
        """`only_look`: nothing is finished, and nothing written in the project."""
        self._index = index
        self._project = project
        self._only_look = only_look
        self._lock = threading.RLock()
        self._is_done = False

    def once(self) -> None:
        """Bring the index up to date, unless this was done before."""
        with self._lock:
            # A folder that is not there yet has nothing to settle: saving makes it, asking says so.
            if not self._is_done and self._project.is_dir():
                some_dead = self._only_look and leave_to_writers(self._index, self._project)
                was_copied = check_origin(self._index, self._project)
                some_dead = recover(self._index, self._project) or some_dead
                if not self._index.is_read_only and not self._only_look:
                    sweep_live(self._project)
                    sweep_temporary()
                    if was_copied:
                        # A list of what was being staged may have been copied before what it lists.
                        sweep_orphans(self._project)
                changes = find_changes(self._index, self._project, wide=some_dead)
                self._is_done = True
                _tell(changes)
                if (lacks := lacking(self._index, self._project)) is not None:
                    _log.warning("%s", lacks)

    def catch_up(self) -> None:
        """Register what jobs on other hosts have published, and finish what dead processes left."""
        with self._lock:
            recover(self._index, self._project)
            self._is_done = True

    def artifacts(self, keys: Iterable[ArtifactKey]) -> None:
        """Register what others have done to the folders of these artifacts."""
        if self._project.is_dir():
            self.once()
            _tell(find_changes_of(self._index, self._project, keys))

    def everything(self, *, deep: bool) -> None:
        """The same for every artifact whose folder changed; `deep`: also for every version's."""
        self.once()
        _tell(find_changes(self._index, self._project, wide=True, deep=deep))

    def register(self, keys: Iterable[ArtifactKey]) -> None:
        """Register the versions of some artifacts that are on the disk and unknown to the index."""
        self.once()
        find_again(self._index, self._project, keys)

    def require_all_known(self) -> None:
        """Raise StoreDamaged where versions are there which the index lacks, as they may not be read as they are."""
        self.once()
        if (lacks := lacking(self._index, self._project)) is not None:
            raise lacks

    def after_fork_in_child(self) -> None:
        """The lock may be held by a thread that only the parent has."""
        self._lock = threading.RLock()


def _tell(changes: ExternalChanges) -> None:
    if changes:
        _log.warning("%s", changes_text(changes))
