"""Writing so that it survives a power cut: bytes first, then the folder entries that name them."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cineforge.model.canonical import DIGEST_TAG
from cineforge.model.errors import CineForgeError

READ_ONLY = 0o444
#: What the system calls a disk without room.
FULL = (errno.ENOSPC, errno.EDQUOT)
#: With less room than this (bytes) a failure to write is put down to the full disk.
_NO_ROOM = 256 << 10


class CannotWrite(CineForgeError):
    """The disk is full, read-only or failing. What had been saved before is as it was."""

    @classmethod
    def because(cls, place: Path, what: str, *, full: bool) -> CannotWrite:
        if full:
            return cls(f"the disk that holds {place} is full: make room, then do it again")
        return cls(
            f"{place} cannot be written ({what}): look at its permissions and at the disk, then do it again"
        )


@contextmanager
def explaining(place: Path) -> Iterator[None]:
    """Raise CannotWrite for whatever the system refuses."""
    try:
        yield
    except OSError as error:
        raise refused(place, error) from error


def refused(place: Path, error: OSError) -> CannotWrite:
    """What the system refused, told."""
    return CannotWrite.because(place, str(error), full=error.errno in FULL)


def has_room(folder: Path) -> bool:
    """Whether a failure there must have another reason than a full disk."""
    try:
        room = os.statvfs(folder)
    except OSError:
        return True
    return room.f_bavail * room.f_frsize >= _NO_ROOM


def write_bytes(path: Path, content: bytes, *, sync: bool = False) -> None:
    """Write a read-only file, replacing one of that name.

    Without `sync` it is not yet durable: see `sync_file`.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    try:
        descriptor = os.open(path, flags, 0o644)
    except FileExistsError:
        path.unlink(missing_ok=True)
        descriptor = os.open(path, flags, 0o644)
    try:
        rest = memoryview(content)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        os.fchmod(descriptor, READ_ONLY)
        if sync:
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_file(path: Path) -> None:
    """Force a file's bytes, or a folder's entries, to the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def digest_file(path: Path) -> str:
    """The tagged SHA-256 of a file's bytes, whatever its size."""
    with path.open("rb") as file:
        return DIGEST_TAG + hashlib.file_digest(file, "sha256").hexdigest()


def make_folder(folder: Path) -> None:
    """Create a folder and its missing parents, each made durable in the one above it."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_file(folder.parent)
