"""Opening files by name without being led astray: only regular files, of a bounded size, and ours through no link.

A pipe or a device would block or never end, a huge sparse file would take all memory, and a planted link would lead
what is written, or made read-only, out of the project. What is refused is an OSError with words of its own, so that
whoever tells of an unreadable file tells of this one too.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from io import BufferedReader
from pathlib import Path

#: The most that is read as a whole: payloads, records, lists, schemas. Attached files are streamed and have no limit.
LIMIT = 256 << 20

#: No compression of a file system makes so little of what is of use.
_SPARSE = 1024

#: What an error says where a name leads to no file, or to none that is read.
_NO_FILE = frozenset(
    (
        errno.ENOENT,
        errno.ENOTDIR,
        errno.ELOOP,
        errno.EMLINK,
        errno.EISDIR,
        errno.EINVAL,
        errno.EFBIG,
    )
)

_ALWAYS = os.O_CLOEXEC | os.O_NONBLOCK


def open_regular(
    path: Path, flags: int = os.O_RDONLY, *, follow: bool = False, mode: int = 0o644
) -> int:
    """The descriptor of a regular file. `follow`: it is the user's, and may be behind a link. Raises OSError."""
    try:
        # Without waiting: a pipe would wait for somebody at its other end.
        descriptor = os.open(path, flags | _ALWAYS | (0 if follow else os.O_NOFOLLOW), mode)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.EMLINK) and path.is_symlink():
            raise OSError(
                errno.ELOOP, "it is a symbolic link: put the file itself in its place", str(path)
            ) from error
        if error.errno == errno.ENXIO:
            raise _not_regular(path) from error
        raise
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise _not_regular(path)
    return descriptor


def stream(path: Path, *, follow: bool = False, holes: bool = True) -> BufferedReader:
    """A regular file, to be read piece by piece. Raises OSError; without `holes` also for what is nearly all a hole."""
    descriptor = open_regular(path, follow=follow)
    size = os.fstat(descriptor).st_size
    if not holes and is_hole(os.fstat(descriptor)):
        os.close(descriptor)
        what = f"of its {size:,} bytes nearly all are a hole: is this the right file?"
        raise OSError(errno.EFBIG, what, str(path))
    return os.fdopen(descriptor, "rb")


def is_hole(state: os.stat_result, larger_than: int = LIMIT) -> bool:
    """Whether next to nothing of a large file is on the disk: it would be read for hours for nothing."""
    return state.st_size > larger_than and state.st_blocks * 512 * _SPARSE < state.st_size


def read_regular(path: Path, *, follow: bool = False) -> bytes:
    """All bytes of a regular file. Raises OSError, also for one that is larger than `LIMIT`."""
    descriptor, limit = open_regular(path, follow=follow), LIMIT
    try:
        size = os.fstat(descriptor).st_size
        if size > limit:
            raise too_large(path, size)
        # To its end rather than to its size: it may be growing.
        pieces, left = [], limit
        while piece := os.read(descriptor, min(left, max(size, 1 << 16)) + 1):
            left -= len(piece)
            if left < 0:
                raise too_large(path, os.fstat(descriptor).st_size)
            pieces.append(piece)
    finally:
        os.close(descriptor)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def read_text(path: Path, *, errors: str = "strict") -> str:
    """The text of a regular UTF-8 file of ours. Raises OSError, UnicodeDecodeError."""
    return read_regular(path).decode("utf-8", errors)


def open_new(path: Path) -> int:
    """A new file in the place of whatever has that name; nothing is written through a link. Raises OSError."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    try:
        return os.open(path, flags, 0o644)
    except FileExistsError:
        path.unlink(missing_ok=True)
        return os.open(path, flags, 0o644)


def write_new(path: Path, content: str | bytes, *, sync: bool = False) -> None:
    """Write a file of ours, in the place of whatever has that name. Raises OSError."""
    raw = content.encode() if isinstance(content, str) else content
    with os.fdopen(_emptied(path), "wb") as file:
        file.write(raw)
        if sync:
            file.flush()
            os.fsync(file.fileno())


def _emptied(path: Path) -> int:
    """A file that is there already is used again, but no link, be it a hard one."""
    with suppress(OSError):
        descriptor = open_regular(path, os.O_WRONLY | os.O_CREAT)
        if os.fstat(descriptor).st_nlink <= 1:
            os.ftruncate(descriptor, 0)
            return descriptor
        os.close(descriptor)
    return open_new(path)


def open_append(path: Path, mode: int = 0o644) -> int:
    """A regular file of ours to add to, made if it is not there; through no link. Raises OSError."""
    return open_regular(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, mode=mode)


def is_regular(path: Path) -> bool:
    """Whether that is a file itself, and no link to one."""
    try:
        return stat.S_ISREG(os.lstat(path).st_mode)
    except OSError:
        return False


def may_be_whole(error: OSError) -> bool:
    """Whether the system did not let a file be read (its mode, the disk, a limit), whatever is in it."""
    return error.errno not in _NO_FILE


def folder_id(folder: Path) -> tuple[int, int] | None:
    """What tells a folder from another one of its name; None where there is none. Raises OSError."""
    try:
        found = os.stat(folder)  # noqa: PTH116
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found.st_dev, found.st_ino


def is_another(folder: Path, known: tuple[int, int] | None) -> bool:
    """Whether a folder has gone, or is not the one that was known: who writes by a full name makes it anew."""
    try:
        found = folder_id(folder)
    except OSError:  # what may not be looked at is not gone
        return False
    return found is None or (known is not None and found != known)


def kind_of(path: Path) -> str:
    """What stands there instead of a regular file, in words."""
    mode = os.lstat(path).st_mode
    kinds = {stat.S_IFLNK: "a symbolic link", stat.S_IFDIR: "a folder", stat.S_IFIFO: "a pipe"}
    return kinds.get(stat.S_IFMT(mode), "no regular file")


def too_large(path: Path, size: int) -> OSError:
    """What to raise for a file of more bytes than are read."""
    what = f"it has {size:,} bytes, and at most {LIMIT:,} are read: is this the right file?"
    return OSError(errno.EFBIG, what, str(path))


def _not_regular(path: Path) -> OSError:
    return OSError(errno.EINVAL, "it is not a regular file", str(path))
