"""One barrier for many files: all that was written to a file system is on the disk, for the price of one sync."""

from __future__ import annotations

import ctypes
import functools
import os
import time
from contextlib import suppress
from pathlib import Path

#: So many files are synced one by one in the time that all of a busy disk may take.
MANY = 64
#: What bringing one of many files to the disk by itself takes a disk that is not busy.
_SECONDS_A_FILE = 0.001
#: After it took longer than that, files are synced one by one for so many times as long.
_REST = 20
#: Where `syncfs` waits for all that `fsync` of each file would wait for, and tells errors as surely. Not so where a
#: file system stands on another one (overlay, FUSE): errors below are told to those who sync the files themselves.
_AS_GOOD = frozenset({"ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs", "tmpfs"})
#: Before this Linux, `syncfs` did not tell of bytes that could not be written.
_TELLS_ERRORS_SINCE = (5, 8)
_MOUNTS = Path("/proc/self/mountinfo")


class Barrier:
    """Syncs a whole file system by a descriptor that was opened before what is to be synced was written.

    So no error between is missed. After an error it is not used again: it may have been told to one of several threads.
    Nor for a while after it took twice in a row longer than the files by themselves would have: others write much to
    the same disk. Once alone is what they had written before, and is on the disk now.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._is_sound = True
        self._was_slow = False
        self._not_before = 0.0

    def sync(self, count: int) -> bool:
        """Bring all to the disk that was written; False when that must be done file by file.

        As for few files (`count` of them), where the system has no such call, or when it told an error: the disk may
        have failed another program's file.
        """
        if count < MANY or not self._is_sound or not _is_as_good(self._descriptor):
            return False
        began = time.monotonic()
        if began < self._not_before:
            return False
        self._is_sound = _syncfs(self._descriptor)
        took = time.monotonic() - began
        is_slow = took > count * _SECONDS_A_FILE
        if is_slow and self._was_slow:
            self._not_before = began + took * (1 + _REST)
        self._was_slow = is_slow
        return self._is_sound


def _syncfs(descriptor: int) -> bool:
    call = _library_call()
    return call is not None and call(descriptor) == 0


@functools.cache
def _library_call() -> ctypes._NamedFuncPointer | None:
    with suppress(OSError, AttributeError):
        return ctypes.CDLL(None).syncfs
    return None


def _is_as_good(descriptor: int) -> bool:
    with suppress(OSError, ValueError):
        release = tuple(int(part) for part in os.uname().release.split(".")[:2])
        device = os.fstat(descriptor).st_dev
        return release >= _TELLS_ERRORS_SINCE and _file_system(device) in _AS_GOOD
    return False


def _file_system(device: int) -> str:
    """The type of the file system with a device number; empty when the system does not tell."""
    wanted = f"{os.major(device)}:{os.minor(device)}"
    for line in _MOUNTS.read_text("utf-8", "replace").splitlines():
        fields = line.split()
        if fields[2] == wanted:
            return fields[fields.index("-") + 1]
    return ""
