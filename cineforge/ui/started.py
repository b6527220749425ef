"""Runs that were started from a page: the real `cineforge run`, in a session of its own, so that it outlives us.

What it says before it has a record of its own, or instead of one, is kept beside the index.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cineforge.model.names import check_segment
from cineforge.store import layout
from cineforge.store.disk import safe_files
from cineforge.store.locking.leftovers import is_locked

_FOLDER = f"{layout.PRIVATE}/started"
#: Bytes of a run's output that are shown, and how many outputs are kept.
_SHOWN, _KEPT = 20_000, 50
#: The processes that this server started, by project and run.
_processes: dict[tuple[Path, str], subprocess.Popen[bytes]] = {}


@dataclass(frozen=True)
class Output:
    """What a started run has said so far; `status` is its exit status, None while it goes on or if nobody knows."""

    text: str
    goes_on: bool
    status: int | None


def new_run_id() -> str:
    """An id that sorts by time and that nobody else takes."""
    return f"run-{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"


def start(project: Path, run_id: str, words: Sequence[str]) -> None:
    """Start `cineforge run` with these words. Raises OSError when it cannot be started."""
    check_segment("run id", run_id)
    folder = project / _FOLDER
    layout.require_inside(project, folder)
    folder.mkdir(parents=True, exist_ok=True)
    _forget_old(folder)
    command = [sys.executable, "-m", "cineforge", "run", *words]
    command += ["--run-id", run_id, "--directory", str(project)]
    descriptor = safe_files.open_new(folder / f"{run_id}.log")
    try:
        # Held by whoever has the output open: so it is known that the run goes on, also by another server.
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        process = subprocess.Popen(
            command,
            cwd=project,
            stdin=subprocess.DEVNULL,
            stdout=descriptor,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={**os.environ, "NO_COLOR": "1", "TERM": "dumb"},
        )
    finally:
        os.close(descriptor)
    _processes[project, run_id] = process
    # Somebody has to ask for its end, or it stays in the list of processes.
    threading.Thread(target=process.wait, daemon=True).start()


def output_of(project: Path, run_id: str) -> Output | None:
    """What a started run has said; None for one that was not started here."""
    path = project / _FOLDER / f"{check_segment('run id', run_id)}.log"
    try:
        layout.require_inside(project, path.parent)
        with safe_files.stream(path) as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _SHOWN))
            text = file.read(_SHOWN).decode("utf-8", "replace")
    except OSError:
        return None
    process = _processes.get((project, run_id))
    return Output(text, is_locked(path), None if process is None else process.poll())


def _forget_old(folder: Path) -> None:
    logs = sorted(folder.glob("*.log"), key=lambda path: path.lstat().st_mtime)
    for path in logs[:-_KEPT]:
        path.unlink(missing_ok=True)
