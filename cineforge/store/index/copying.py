"""A copy of the index to read elsewhere: whole, though others may be writing, or none at all."""

from __future__ import annotations

import os
import shutil
import stat
from contextlib import suppress
from pathlib import Path

from cineforge.store.disk import safe_files

#: By device and inode, descriptors of indexes that were copied, open for good: to close any descriptor of a file ends
#: all locks that this process has on it, those of SQLite's connections too (https://sqlite.org/howtocorrupt.html 2.2).
_open: dict[tuple[int, int], int] = {}

_ATTEMPTS = 5
_DATABASE = b"SQLite format 3\0"
_LOG = (b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83")
#: Far more than a log grows to; a hole may be any size.
_LARGEST_LOG = 1 << 32
_PIECE = 1 << 20


def copy_index(source: Path, target: Path) -> None:
    """Copy the file and its log. What is no index, or keeps changing, is not there afterwards: it is made anew.

    SQLite writes what is in the log into the file and begins the log anew, so both must have stood still.
    """
    for _ in range(_ATTEMPTS):
        before = _state(source)
        with suppress(OSError):
            if before is not None and _is_index(source):
                _copy_held(source, target)
                if _is_log(_log(source)):
                    _copy(_log(source), _log(target))
            if _state(source) == before:
                return
        for each in (target, _log(target)):
            each.unlink(missing_ok=True)


def _log(index: Path) -> Path:
    return index.with_name(f"{index.name}-wal")


def _state(index: Path) -> tuple[int, int, int, bytes] | None:
    """What changes whenever the file is written to, or the log begun anew."""
    try:
        state = index.lstat()
        log = _beginning(_log(index), 32) if safe_files.is_regular(_log(index)) else b""
    except OSError:
        return None
    return state.st_ino, state.st_mtime_ns, state.st_size, log


def _is_index(path: Path) -> bool:
    """A database is as long as it says: a hole in its place would fill the disk."""
    head = os.pread(_held(path), 100, 0)
    page = int.from_bytes(head[16:18], "big") or 1
    pages = int.from_bytes(head[28:32], "big")
    size = (65536 if page == 1 else page) * pages
    return head.startswith(_DATABASE) and path.lstat().st_size == size


def _is_log(path: Path) -> bool:
    with suppress(OSError):
        return _beginning(path, 32).startswith(_LOG) and path.lstat().st_size < _LARGEST_LOG
    return False


def _beginning(path: Path, count: int) -> bytes:
    descriptor = safe_files.open_regular(path)
    try:
        return os.read(descriptor, count)
    finally:
        os.close(descriptor)


def _held(index: Path) -> int:
    """A descriptor of the file that stays open. Those of files that were deleted since hold no lock of any use."""
    known = index.lstat()
    if (known.st_dev, known.st_ino) not in _open:
        for gone in [place for place, held in _open.items() if not os.fstat(held).st_nlink]:
            os.close(_open.pop(gone))
        descriptor = safe_files.open_regular(index)
        known = os.fstat(descriptor)
        _open.setdefault((known.st_dev, known.st_ino), descriptor)
    return _open[known.st_dev, known.st_ino]


def _copy_held(source: Path, target: Path) -> None:
    descriptor, at = _held(source), 0
    with target.open("wb") as writing:
        os.fchmod(writing.fileno(), stat.S_IRUSR | stat.S_IWUSR)
        while piece := os.pread(descriptor, _PIECE, at):
            writing.write(piece)
            at += len(piece)


def _copy(source: Path, target: Path) -> None:
    with safe_files.stream(source) as reading, target.open("wb") as writing:
        os.fchmod(writing.fileno(), stat.S_IRUSR | stat.S_IWUSR)
        shutil.copyfileobj(reading, writing, _PIECE)
