"""Who writes: each live store holds a lock that the kernel frees at its death, and lists its staging folders.

The list lets the leftovers of a killed process be swept without scanning the project.
"""

from __future__ import annotations

import fcntl
import functools
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cineforge.model.errors import InvalidName, StoreDamaged
from cineforge.model.refs import ArtifactKey
from cineforge.store import layout
from cineforge.store.disk.barrier import Barrier
from cineforge.store.disk.durable import explaining, sync_file
from cineforge.store.disk.removing import remove_folder
from cineforge.store.disk.safe_files import open_regular, read_regular, read_text

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
STAGING_PREFIX = ".staging-"

_DETACHED = b"detached\n"

_TOKEN = re.compile(r"[0-9a-f]{16}")
_STAGING = re.compile(r"\.staging-[0-9a-f]{16}-[0-9a-f]{12}")


class Owner:
    """A held lock on `artifacts/.live/owners/<token>`."""

    def __init__(self, project: Path, *, detached: bool = False) -> None:
        """`detached`: it never writes the index, and publishes by its journal alone."""
        self._project = project
        folder = _folder(project)
        layout.require_inside(project, folder)
        while True:
            self.token = secrets.token_hex(8)
            self.path = folder / self.token
            with explaining(project):
                folder.mkdir(parents=True, exist_ok=True)
                self._descriptor = os.open(
                    self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644
                )
            fcntl.flock(self._descriptor, fcntl.LOCK_EX)
            # A sweeper may have taken the lock first, thought us dead and removed the file.
            if self.path.exists():
                break
            os.close(self._descriptor)
        #: Of a descriptor that is older than all that is staged under this owner.
        self.barrier = Barrier(self._descriptor)
        try:
            with explaining(project):
                # On the disk before anything else is: whoever finds it after a power cut knows that there was one.
                os.write(self._descriptor, _DETACHED if detached else _since_boot())
                os.fsync(self._descriptor)
                sync_file(folder)
        except BaseException:
            self.release(unfinished=False)
            raise

    def release(self, *, unfinished: bool) -> None:
        """Give the lock up for good, leaving nothing behind but what is `unfinished`, or unknown to the index."""
        if not unfinished:
            _sweep(self._project, self.path)
            self.path.unlink(missing_ok=True)
        self.forget()

    def forget(self) -> None:
        """Close our handle only: in a forked child the lock stays the parent's."""
        os.close(self._descriptor)


def staging_folder(project: Path, key: ArtifactKey, owner: str) -> Path:
    """A fresh staging path for one payload, listed under its owner before it exists.

    Raises StoreDamaged when the owner is gone: its leftovers would be nobody's.
    """
    if not _TOKEN.fullmatch(owner):
        raise InvalidName(f"{owner!r} is not the owner token of a store: pass `store.owner`")
    name = f"{STAGING_PREFIX}{owner}-{secrets.token_hex(6)}"
    folder = layout.artifact_dir(project, key) / name
    line = f"{layout.ARTIFACTS}/{key.artifact_type}/{key.entity_dir}/{name}\n".encode()
    try:
        descriptor = open_regular(owner_path(project, owner), os.O_WRONLY | os.O_APPEND)
    except FileNotFoundError as error:
        raise StoreDamaged(
            f"the store that owns this work ({owner}) was closed, or is no longer at {project}"
            " (was the project moved, or artifacts/.live deleted?): start again"
        ) from error
    try:
        os.write(descriptor, line)
    finally:
        os.close(descriptor)
    return folder


def is_staging(name: str) -> bool:
    return _STAGING.fullmatch(name) is not None


def is_staging_of(owner: str, name: str) -> bool:
    """Whether that is the name of a staging folder of this owner."""
    return is_staging(name) and name.removeprefix(STAGING_PREFIX).partition("-")[0] == owner


def remove_staging(folder: Path) -> None:
    """Remove a staging folder and what is in it, whatever the modes of its files."""
    remove_folder(folder)


@contextmanager
def _taken(path: Path) -> Iterator[bool]:
    """Try to take the lock of an owner's file: True when that owner is dead."""
    try:
        descriptor = open_regular(path, os.O_RDWR)
    except OSError:
        yield False
        return
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield path.exists()
    finally:
        os.close(descriptor)


def owner_files(project: Path) -> list[str]:
    """The tokens of all owners that are alive or left something behind."""
    try:
        names = [path.name for path in _folder(project).iterdir()]
    except FileNotFoundError:
        return []
    return sorted(name for name in names if _TOKEN.fullmatch(name))


def _folder(project: Path) -> Path:
    return project / layout.OWNERS


def is_token(name: str) -> bool:
    """Whether that could be the token of an owner."""
    return _TOKEN.fullmatch(name) is not None


def owner_path(project: Path, token: str) -> Path:
    """The file whose lock an owner holds while it lives."""
    return _folder(project) / token


def journal_path(project: Path, token: str) -> Path:
    """Where an owner that may not write the index declares a batch."""
    return _folder(project) / f"{token}.batch"


@contextmanager
def taken(project: Path, token: str) -> Iterator[bool]:
    """Hold the lock of a dead owner, settling nothing; False when it lives."""
    with _taken(owner_path(project, token)) as dead:
        yield dead


@contextmanager
def dead_owner(project: Path, token: str) -> Iterator[bool]:
    """Hold the lock of a dead owner while its affairs are settled; False when it lives.

    Settled means: on leaving without an error its staging folders are swept and its file removed. Behind a link that
    leads out of the project nothing is.
    """
    path = owner_path(project, token)
    if not layout.is_inside(project, path.parent):
        yield False
        return
    with _taken(path) as dead:
        yield dead
        if dead:
            _sweep(project, path)
            with suppress(IsADirectoryError, PermissionError):  # a folder that somebody put there
                journal_path(project, token).unlink(missing_ok=True)
            path.unlink(missing_ok=True)


@functools.cache
def boot_id() -> str:
    """What is another after each start of this machine; empty where the system does not tell."""
    try:
        return _BOOT_ID.read_text("ascii").strip()
    except (OSError, ValueError):
        return ""


def _since_boot() -> bytes:
    return f"boot {boot_id()}\n".encode()


def is_well_known(project: Path, token: str) -> bool:
    """Whether all that an owner published is in its list or its journal.

    Not so when this machine was started anew since: a power cut can have undone the last lines of its list.
    """
    try:
        content = read_regular(owner_path(project, token))
    except FileNotFoundError:
        return True
    except OSError:  # something else in its place, of which nothing is known
        return False
    return content.startswith((_since_boot(), _DETACHED))


def staged_for(project: Path, token: str) -> set[ArtifactKey]:
    """The artifacts that an owner ever staged something for."""
    return {key for key, _ in _listed(owner_path(project, token))}


def _sweep(project: Path, path: Path) -> None:
    for key, name in _listed(path):
        _remove_inside(project, layout.artifact_dir(project, key) / name)


def sweep_orphans(project: Path) -> None:
    """Remove staging folders that no owner lists any more: its file was lost or damaged. Scans the project."""
    folders = list((project / layout.ARTIFACTS).glob(f"*/*/{STAGING_PREFIX}*"))
    # Looked at afterwards: an owner's file is there before any folder of its.
    owners = set(owner_files(project))
    for folder in folders:
        if is_staging(folder.name) and folder.name.split("-")[1] not in owners:
            _remove_inside(project, folder)


def _remove_inside(project: Path, folder: Path) -> None:
    # Of a large fan-out nothing is left: all of it became versions.
    if not os.path.lexists(folder):
        return
    with suppress(StoreDamaged):
        layout.require_inside(project, folder)
        remove_staging(folder)


def _listed(path: Path) -> Iterator[tuple[ArtifactKey, str]]:
    """What an owner's file lists: artifact and name of the staging folder. Lines that make no sense are passed over."""
    try:
        lines = read_text(path, errors="replace").splitlines()
    except OSError:  # deleted by hand, or something else in its place
        return
    for line in lines:
        parts = line.split("/")
        if len(parts) == 4 and parts[0] == layout.ARTIFACTS and is_staging(parts[3]):
            with suppress(InvalidName):
                yield layout.key_of(parts[1], parts[2]), parts[3]
