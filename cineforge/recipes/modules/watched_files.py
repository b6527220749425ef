"""Files that are read while we do not look: have they been all the time what was digested?

A file's change time ("ctime") moves with every write, rename and change of its other times, and nobody can set it back.
Size and time of modification mean nothing: an editor or `touch -d` may leave both as they were.
"""

from __future__ import annotations

import errno
import hashlib
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from cineforge.store.disk import safe_files

#: Nanoseconds within which a file system may give two changes the same time.
_TICK = 20_000_000
_TRIES = 10


class Stamp(NamedTuple):
    """What the system says of a file; another one when it was changed, be it back again."""

    device: int
    inode: int
    size: int
    modified: int
    changed: int
    links: int


@dataclass(frozen=True)
class WatchedFile:
    """A file with the digest of its bytes, and its stamp at that moment. The digest has no tag."""

    path: Path
    digest: str
    stamp: Stamp

    def is_untouched(self) -> bool:
        """Whether the file has held these bytes all the time since."""
        try:
            now = _stamp(os.stat(self.path))  # noqa: PTH116
            if now == self.stamp:
                return True
            # A hard link made of it, as by `cp -al`, moves the change time as well.
            was_linked = now.links != self.stamp.links and now[:4] == self.stamp[:4]
            return was_linked and watch(self.path).digest == self.digest
        except OSError:
            return False


class Watch:
    """Remembers what files hold; one is read again only when it was touched. Safe to use from many threads."""

    def __init__(self) -> None:
        self._known: dict[Path, WatchedFile] = {}

    def look(self, path: Path, known: WatchedFile | None = None) -> WatchedFile:
        """A file as it is now; `known` is what an earlier reader found. Raises OSError."""
        for found in (self._known.get(path), known):
            if found is not None and found.is_untouched():
                return found
        self._known[path] = watch(path)
        return self._known[path]


def watch(path: Path) -> WatchedFile:
    """Digest a file so that any later change can be noticed. Raises OSError, also when it is being written to."""
    for _ in range(_TRIES):
        with safe_files.stream(path, follow=True, holes=False) as stream:
            before = _settled(stream.fileno())
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
            if _stamp(os.fstat(stream.fileno())) == before:
                return WatchedFile(path, digest, before)
    raise OSError(errno.EBUSY, "it is being written to", str(path))


def _settled(descriptor: int) -> Stamp:
    """The stamp of an open file, once another change would give it another one."""
    while True:
        stamp = _stamp(os.fstat(descriptor))
        age = time.time_ns() - stamp.changed
        # A time in the future is another host's clock, of which nothing can be said.
        if not 0 <= age < _TICK:
            return stamp
        time.sleep((_TICK - age) / 1e9)


def _stamp(found: os.stat_result) -> Stamp:
    return Stamp(
        found.st_dev,
        found.st_ino,
        found.st_size,
        found.st_mtime_ns,
        found.st_ctime_ns,
        found.st_nlink,
    )
