"""Writing so that it survives a power cut: bytes first, then the folder entries that name them."""

from __future__ import annotations

import errno
import hashlib
import os
import resource
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from cineforge.model.canonical import DIGEST_TAG
from cineforge.model.errors import CineForgeError
from cineforge.store.disk import safe_files

READ_ONLY = 0o444
#: So many files are brought to the disk at once; of fewer than so many, one after the other.
_AT_ONCE = 16
_FEW = 8
#: What the system calls a disk without room.
FULL = (errno.ENOSPC, errno.EDQUOT)
#: Limits of the system that a person may raise, and how.
_LIMITS = {
    errno.EMFILE: "too many files are open at once: raise the limit (ulimit -n)",
    errno.ENFILE: "too many files are open on this machine",
    errno.EFBIG: "a file may not become that large here: raise the limit (ulimit -f)",
}
#: What the system answers where a file is not for whoever asks, is of another kind, or the disk fails.
_REFUSALS = frozenset(
    (errno.EACCES, errno.EPERM, errno.EROFS, errno.EIO, errno.ELOOP, errno.ENOTDIR, errno.EISDIR)
)
TOO_MANY_FILES = _LIMITS[errno.EMFILE]
#: A worker takes so many of the run's.
_DESCRIPTORS_OF_A_WORKER = 16
#: With less room than this (bytes) a failure to write is put down to the full disk.
_NO_ROOM = 256 << 10


class CannotWrite(CineForgeError):
    """The disk is full, read-only or failing. What had been saved before is as it was."""

    @classmethod
    def because(cls, place: Path, what: str, *, full: bool) -> CannotWrite:
        if full and _has_no_inodes(place):
            return cls(
                f"the disk that holds {place} has no inodes left, so no room for one more file:"
                " remove some files, then do it again"
            )
        if full:
            return cls(f"the disk that holds {place} is full: make room, then do it again")
        return cls(
            f"{place} cannot be written ({what}): look at its permissions and at the disk, then do it again"
        )


class explaining:
    """Raise CannotWrite for whatever the system refuses."""

    # Several in each save, and contextlib's take three times as long.
    __slots__ = ("_place",)

    def __init__(self, place: Path) -> None:
        self._place = place

    def __enter__(self) -> None:
        pass

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if isinstance(error, OSError):
            raise refused(self._place, error) from error


def refused(place: Path, error: OSError) -> CannotWrite:
    """What the system refused, told."""
    if is_limit(error):
        return CannotWrite(
            f"{error.filename or place}: {_LIMITS[error.errno or 0]}, then do it again"
        )
    if error.errno in FULL or not (name := named_by(error)):
        return CannotWrite.because(place, str(error), full=error.errno in FULL)
    return CannotWrite.because(Path(name), error.strerror or str(error), full=False)


def named_by(error: OSError) -> str:
    """The file that an error of the system is about; empty when it names none."""
    name = error.filename2 or error.filename
    return os.fsdecode(name) if isinstance(name, str | bytes | os.PathLike) else ""


def refusal_text(error: OSError) -> str | None:
    """What to tell of a file that the system lets nobody read or write as things are; None of any other error."""
    name = named_by(error)
    if error.errno not in _REFUSALS or not name:
        return None
    return (
        f"{name} cannot be used ({error.strerror}): look at its permissions and at the disk,"
        " then do it again"
    )


def is_limit(error: OSError) -> bool:
    """Whether a limit of the system was met; one of our own has words of its own."""
    code = error.errno or 0
    return code in _LIMITS and error.strerror == os.strerror(code)


def says_why(folder: Path, error: BaseException) -> str | None:
    """What to tell of an error that the system's room or limits explain, met at work on `folder`; else None."""
    if not isinstance(error, OSError):
        return None
    is_full = error.errno in FULL and not has_room(folder)
    return str(refused(folder, error)) if is_full or is_limit(error) else None


def lacks_descriptors() -> bool:
    """Whether so many files are open here that a process which it starts or talks to may have failed by that."""
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        return len(os.listdir("/dev/fd")) + _DESCRIPTORS_OF_A_WORKER > limit  # noqa: PTH208
    except OSError as error:
        return error.errno in (errno.EMFILE, errno.ENFILE)


def may_grow(path: Path) -> bool:
    """Whether a limit of this process (`ulimit -f`) leaves room for some pages more in that file."""
    limit, _ = resource.getrlimit(resource.RLIMIT_FSIZE)
    if limit == resource.RLIM_INFINITY:
        return True
    with suppress(OSError):
        limit -= path.stat().st_size
    return limit >= _NO_ROOM


def too_large_here(path: Path) -> CannotWrite:
    """What to raise where a file would grow over the limit of this process."""
    return CannotWrite(f"{path}: {_LIMITS[errno.EFBIG]}, then do it again")


def _has_no_inodes(folder: Path) -> bool:
    try:
        room = os.statvfs(folder)
    except OSError:
        return False
    return room.f_files > 0 and room.f_favail == 0


def has_room(folder: Path) -> bool:
    """Whether a failure there must have another reason than a full disk."""
    try:
        room = os.statvfs(folder)
    except OSError:
        return True
    has_inodes = room.f_files == 0 or room.f_favail > 0
    return has_inodes and room.f_bavail * room.f_frsize >= _NO_ROOM


def write_bytes(path: Path, content: bytes, *, sync: bool = False, in_batch: bool = False) -> None:
    """Write a read-only file, replacing one of that name.

    Without `sync` it is not yet durable, but on its way: `sync_file` has little left to wait for. One of many that are
    synced together stays where it is `in_batch`: the system then writes all in fewer pieces.
    """
    descriptor = safe_files.open_new(path)
    try:
        rest = memoryview(content)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        os.fchmod(descriptor, READ_ONLY)
        if sync:
            os.fsync(descriptor)
        elif hasattr(os, "posix_fadvise") and not in_batch:
            # Linux takes this as a reason to begin writing. No more than a hint: who does not take it may refuse.
            with suppress(OSError):
                os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(descriptor)


def sync_file(path: Path) -> None:
    """Force a file's bytes, or a folder's entries, to the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_files(paths: Iterable[Path]) -> None:
    """The same for many, some at once: a disk takes up to a whole queue of them in the time of one."""
    rest = list(paths)
    if len(rest) < _FEW:
        for path in rest:
            sync_file(path)
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="fsync") as threads:
        for _ in threads.map(sync_file, rest):
            pass


def digest_file(path: Path) -> str:
    """The tagged SHA-256 of a regular file's bytes, whatever its size. Raises OSError."""
    with safe_files.stream(path) as file:
        return DIGEST_TAG + hashlib.file_digest(file, "sha256").hexdigest()


def make_folder(folder: Path) -> None:
    """Create a folder and its missing parents, each made durable in the one above it."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_file(folder.parent)
