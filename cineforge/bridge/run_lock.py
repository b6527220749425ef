"""One run at a time in a project, by a lock that the kernel frees when its holder dies."""

from __future__ import annotations

import fcntl
import json
import os
import socket
from datetime import UTC, datetime
from pathlib import Path

from cineforge.model.errors import ProjectBusy


class RunLock:
    """An flock on `.cineforge/run.lock`; the file tells who holds it."""

    def __init__(self, project: Path) -> None:
        self._path = project / ".cineforge" / "run.lock"
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take the lock. Raises ProjectBusy naming the process that has it."""
        if self._descriptor is not None:
            return
        self._path.parent.mkdir(exist_ok=True)
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(descriptor, 4096, 0).decode("utf-8", "replace")
            os.close(descriptor)
            raise ProjectBusy(
                f"another run is at work in this project ({_describe(holder)}): wait for it, or stop it"
            ) from None
        self._descriptor = descriptor
        note = {
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "since": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps(note).encode(), 0)

    def try_acquire(self) -> bool:
        """Take the lock if it is free."""
        try:
            self.acquire()
        except ProjectBusy:
            return False
        return True

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _describe(note: str) -> str:
    try:
        holder = json.loads(note)
        return f"process {holder['pid']} on {holder['host']}, since {holder['since']}"
    except (ValueError, KeyError, TypeError):
        return "just started"
