"""What a project's index and folders look like from outside: another after each change that a run would notice.

Looked at are times that the system alone sets (ctime): of the index's files, of each folder in `artifacts/` down to
those of artifacts, of `current/`, and of `runs/`. Compared is whether they are the same, never which is later, so no
clock that was set back hides anything.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from cineforge.store import layout
from cineforge.store.disk.change_times import FINE_TICK, tick
from cineforge.store.index.marks import read_marks

#: What is in `artifacts/.live/` while nobody is at work; none of the folders holds anything then.
_AT_REST = {"claims", "owners", "reserved", "scratch", "stamp"}
_LOCK = ".lock"


class ProjectState(NamedTuple):
    """Digests of all that was looked at: of the folders alone, and with the index; and the latest of the times."""

    folders: str
    digest: str
    newest: int


def is_settled(newest: int) -> bool:
    """Whether from now on another change would show as another time. One in the future is another host's clock."""
    return time.time_ns() - newest >= tick(newest)


def settle() -> None:
    """Wait for so long that what has just changed is settled, where that is soon."""
    time.sleep(FINE_TICK / 1e9)


class _NotAtRest(Exception):
    """Somebody is at work in the project, or died at it, or something is not where it belongs."""


def project_state(project: Path, *, at_rest: bool = True) -> ProjectState | None:
    """The state of a project. None where anything is odd or, `at_rest`, somebody is at work or was killed at it."""
    try:
        if at_rest:
            _require_rest(project)
        index, folders = sorted(_index(project)), sorted(_folders(project))
    except (OSError, _NotAtRest):
        return None
    newest = max(each.newest for each in (*index, *folders))
    return ProjectState(_digest(folders), _digest([*index, *folders]), newest)


def _digest(looks: list[_Look]) -> str:
    text = "\n".join(f"{each.name}\0{each.numbers}\0{each.newest}" for each in looks)
    return hashlib.sha256(os.fsencode(text)).hexdigest()


def _require_rest(project: Path) -> None:
    for name in os.listdir(project / layout.LIVE):  # noqa: PTH208
        if name not in _AT_REST:
            raise _NotAtRest
    for folder in (layout.CLAIMS, layout.OWNERS, layout.RESERVED, layout.SCRATCH):
        try:
            names = set(os.listdir(project / folder))  # noqa: PTH208
        except FileNotFoundError:
            continue
        if names - {_LOCK}:
            raise _NotAtRest
    if os.path.lexists(project / layout.MISSING_LINKS):
        raise _NotAtRest


class _Look(NamedTuple):
    """What is to stay as it is: a name, some numbers, and the latest of the times among them."""

    name: str
    numbers: tuple[int, ...] = ()
    newest: int = 0


def _index(project: Path) -> Iterator[_Look]:
    yield _file("index", project / layout.INDEX)
    log = project / f"{layout.INDEX}-wal"
    # While an index is open it has a log, be it empty.
    if log.exists() and log.stat().st_size:
        yield _file("log", log)
    # A store that published stamps the folders when it is closed.
    for name, mark in read_marks(project).items():
        yield _Look(f"mark {name} {mark}")


def _folders(project: Path) -> Iterator[_Look]:
    for folder in (layout.ARTIFACTS, layout.CURRENT, layout.RUNS):
        yield _folder(folder, project / folder)
    for entry in _within(project / layout.ARTIFACTS):
        yield _folder(f"{layout.ARTIFACTS}/{entry.name}", entry.path)
        if entry.is_dir(follow_symlinks=False):
            yield _look_at(f"{layout.ARTIFACTS}/{entry.name}/*", entry.path)
    for entry in _within(project / layout.CURRENT):
        yield _folder(f"{layout.CURRENT}/{entry.name}", entry.path)


def _within(folder: Path) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        return [entry for entry in entries if not entry.name.startswith(".")]


def _file(name: str, path: Path) -> _Look:
    state = os.lstat(path)
    numbers = (state.st_nlink, state.st_size, state.st_ino, state.st_mtime_ns)
    return _Look(name, numbers, state.st_ctime_ns)


def _folder(name: str, path: Path | str) -> _Look:
    state = os.lstat(path)
    return _Look(name, (state.st_mode, state.st_ino), state.st_ctime_ns)


def _look_at(name: str, folder: str) -> _Look:
    """How many there are in the folder of a type, and the sum of their times: one that changes, changes it."""
    count = total = newest = 0
    with os.scandir(folder) as entries:
        for entry in entries:
            changed = entry.stat(follow_symlinks=False).st_ctime_ns
            count += 1
            total += changed
            if changed > newest:
                newest = changed
    return _Look(name, (count, total), newest)
