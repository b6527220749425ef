"""Folders of ours, most of them in the system's temporary folder, which the next command sweeps when a killed one left
them.

Each is locked as long as its process lives: by that lock, its strict name and its owner one that is left is told from
what is anybody else's.
"""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import stat
import tempfile
import weakref
from contextlib import suppress
from pathlib import Path

from cineforge.store.disk.removing import remove_folder

#: Where a path must be short, whatever the user's temporary folder: the name of a socket.
SHORT = Path("/tmp")

_NAME = re.compile(r"cineforge\.(?:index|probes|run|workers)\.[0-9a-f]{8}")


class TemporaryFolder:
    """A new folder that nobody else may look into, until `remove`, or the end of the process."""

    def __init__(self, purpose: str, *, parent: Path | None = None, at_exit: bool = True) -> None:
        """`at_exit`: False when somebody else calls `remove` late at the exit. Raises OSError."""
        self.path, descriptor = _made(parent or Path(tempfile.gettempdir()), purpose)
        self._end = weakref.finalize(self, _end, self.path, descriptor, os.getpid())
        self._end.atexit = at_exit

    def __enter__(self) -> Path:
        return self.path

    def __exit__(self, *_: object) -> None:
        self.remove()

    def remove(self) -> None:
        """Remove it with all that is in it; again does nothing. In a forked child it stays the parent's."""
        if left := self._end.detach():  # called, it would do nothing so late
            _object, end, arguments, _ = left
            end(*arguments)


def sweep_temporary() -> None:
    """Remove the folders that dead processes of this user left."""
    for parent in {Path(tempfile.gettempdir()), SHORT}:
        sweep_folders(parent)


def sweep_folders(parent: Path) -> None:
    """Remove those of them that are there."""
    with suppress(OSError), os.scandir(parent) as entries:
        left = [Path(each.path) for each in entries if _NAME.fullmatch(each.name)]
        for folder in left:
            _sweep(folder)


def _made(parent: Path, purpose: str) -> tuple[Path, int]:
    while True:
        path = parent / f"cineforge.{purpose}.{secrets.token_hex(4)}"
        try:
            path.mkdir(mode=0o700)
            descriptor = _opened(path)
        except (FileExistsError, FileNotFoundError):  # a chance, or who sweeps was faster
            if not parent.is_dir():
                raise
            continue
        with suppress(OSError):  # a file system without locks: nobody will take it for left
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        if _is_there(path, descriptor):
            return path, descriptor
        os.close(descriptor)


def _sweep(folder: Path) -> None:
    with suppress(OSError):
        descriptor = _opened(folder)
        try:
            if os.fstat(descriptor).st_uid == os.geteuid():
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if _is_there(folder, descriptor):
                    remove_folder(folder)
        finally:
            os.close(descriptor)


def _opened(folder: Path) -> int:
    return os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)


def _is_there(folder: Path, descriptor: int) -> bool:
    try:
        found = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and os.path.samestat(found, os.fstat(descriptor))


def _end(path: Path, descriptor: int, process: int) -> None:
    if os.getpid() == process:
        remove_folder(path)
    with suppress(OSError):
        os.close(descriptor)
