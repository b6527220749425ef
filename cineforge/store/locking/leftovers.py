"""What killed processes left in `artifacts/.live/`, and of plans in `.cineforge/probes/.work/`, swept by whoever opens
the project next and may write.

Lists of owners, and what those had staged, are settled before (`recovery.py`). The rest is told by its strict name, and
by a lock that nobody holds any more: claims of runs and of jobs with the numbers that these had reserved, folders of
module calls whose owner is gone, marks that were not renamed.
"""

from __future__ import annotations

import fcntl
import os
import re
from contextlib import suppress
from pathlib import Path

from cineforge.model.errors import StoreDamaged
from cineforge.store import layout
from cineforge.store.disk.removing import remove_folder
from cineforge.store.disk.safe_files import open_regular
from cineforge.store.disk.temporary import sweep_folders
from cineforge.store.locking import reservations
from cineforge.store.locking.owners import is_token, owner_path

#: Whose lock is held while claims are taken.
CLAIMS_LOCK = ".lock"
#: Stands between a run's id, where it may not occur, and what stands for a job's name, which may be too long.
JOB = ":"

_MARK = re.compile(r"mark-[0-9a-f]{16}")


def sweep_live(project: Path) -> None:
    """Remove what is nobody's any more. What cannot be removed is left to the next."""
    with suppress(StoreDamaged, OSError):
        layout.require_inside(project, project / layout.LIVE)
        for name in _names(project / layout.LIVE):
            if _MARK.fullmatch(name):
                _remove_unlocked(project / layout.LIVE / name)
        _sweep_claims(project)
        sweep_scratch(project)
    with suppress(StoreDamaged, OSError):
        layout.require_no_link(project / layout.PROBES, project / layout.PROBING)
        sweep_folders(project / layout.PROBING)


def sweep_scratch(project: Path, ended: str = "") -> None:
    """Remove what the calls of owners that are gone have left, or of one that has ended them all."""
    for name in _names(project / layout.SCRATCH):
        if is_token(name) and (name == ended or not owner_path(project, name).exists()):
            remove_folder(project / layout.SCRATCH / name)


def is_locked(path: Path) -> bool:
    """Whether a living process holds the lock of a claim."""
    try:
        descriptor = open_regular(path)
    except OSError:
        return False
    try:
        # Shared: two who look at once must not take each other for the run.
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _sweep_claims(project: Path) -> None:
    folder = project / layout.CLAIMS
    by_run: dict[str, list[Path]] = {}
    for name in _names(folder):
        if name != CLAIMS_LOCK:
            by_run.setdefault(name.partition(JOB)[0], []).append(folder / name)
    if not by_run:
        return
    descriptor = open_regular(folder / CLAIMS_LOCK, os.O_RDWR)
    try:
        # Who is taking a claim just now has not locked it yet: then the next command sweeps.
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        for run_id, claims in by_run.items():
            # A job may outlive its run, and a run may not see the locks of jobs on other hosts.
            if not any(map(is_locked, claims)):
                for claim in claims:
                    with suppress(OSError):  # a folder that somebody put there
                        claim.unlink()
                reservations.forget(project, run_id)
    finally:
        os.close(descriptor)


def _remove_unlocked(path: Path) -> None:
    with suppress(OSError):
        descriptor = open_regular(path)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()
        finally:
            os.close(descriptor)


def _names(folder: Path) -> list[str]:
    """What is in a folder of ours; nothing of a link to one."""
    if folder.is_symlink() or not folder.is_dir():
        return []
    return os.listdir(folder)  # noqa: PTH208
