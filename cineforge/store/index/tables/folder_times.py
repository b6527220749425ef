"""When folders last changed, by the system's own record of it (ctime): that nobody can set, unlike a file time.

Remembered is, for each type of artifacts, up to when its folders are known; what changed later is looked at. So a look
needs no list of what was saved since, and saving keeps no list.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from cineforge.store import layout
from cineforge.store.disk.change_times import tick


class Known(NamedTuple):
    """Of the folder of one type: its own time, and up to when those of artifacts, and of versions, are known."""

    changed: int = 0
    artifacts: int = 0
    versions: int = 0


@dataclass
class TypeFolder:
    """What the folder of one type holds now, and what of it changed: folders of artifacts, and versions in them."""

    artifact_type: str
    known: Known
    names: set[str] = field(default_factory=set)
    changed: list[str] = field(default_factory=list)
    changed_versions: list[tuple[str, int]] = field(default_factory=list)


def type_folders(project: Path) -> dict[str, int]:
    """The folders of types, each with its time."""
    return dict(_times(project / layout.ARTIFACTS))


def look_into(project: Path, artifact_type: str, before: Known, *, deep: bool) -> TypeFolder:
    """See what changed in the folder of a type; `deep`: also within the folders of artifacts that did not change."""
    now = time.time_ns()
    before = Known(*(each if each <= now else 0 for each in before))  # the clock was wrong then
    folder = project / layout.ARTIFACTS / artifact_type
    found = TypeFolder(artifact_type, before)
    own = _time(folder)
    newest, newest_version = before.artifacts, before.versions
    for name, since in _times(folder):
        found.names.add(name)
        newest = max(newest, since)
        if since > before.artifacts:
            found.changed.append(name)
        for number, version_since in _versions(folder / name) if deep else ():
            newest_version = max(newest_version, version_since)
            if version_since > before.versions:
                found.changed_versions.append((name, number))
    found.known = _settled(now, Known(own, newest, newest_version))
    return found


def survey(project: Path) -> dict[str, Known]:
    """The times of all folders, to be remembered once what they hold has been read."""
    return {name: _survey(project / layout.ARTIFACTS / name) for name in type_folders(project)}


def _survey(folder: Path) -> Known:
    now, own = time.time_ns(), _time(folder)
    newest = newest_version = 0
    for name, since in _times(folder):
        newest = max(newest, since)
        newest_version = max([newest_version, *(each for _, each in _versions(folder / name))])
    return _settled(now, Known(own, newest, newest_version))


def _settled(now: int, seen: Known) -> Known:
    """As much of what was seen as cannot change any more without a later time."""
    own = seen.changed if seen.changed < now - tick(seen.changed) else 0
    return Known(own, *(min(each, now - tick(each)) for each in (seen.artifacts, seen.versions)))


def remembered(db: sqlite3.Connection) -> dict[str, Known]:
    """By type, up to when its folders are known."""
    rows = db.execute("SELECT type, changed, artifacts, versions FROM folder")
    return {row[0]: Known(*row[1:]) for row in rows}


def remember(db: sqlite3.Connection, times: Iterable[tuple[str, Known]]) -> None:
    """Note that what these folders held up to then is known."""
    db.executemany(
        "INSERT OR REPLACE INTO folder VALUES (?, ?, ?, ?)",
        [(name, *known) for name, known in times],
    )


def forget(db: sqlite3.Connection) -> None:
    """Know of no folder up to when it is known."""
    db.execute("DELETE FROM folder")


def numbers_in(folder: str | Path) -> set[int]:
    """The numbers of the version folders of an artifact; asked at each save, so no folder's time is looked up."""
    return {number for number, _ in _numbered(folder)}


def _time(folder: Path) -> int:
    try:
        return os.stat(folder).st_ctime_ns  # noqa: PTH116
    except OSError:
        return 0


def _versions(folder: Path) -> Iterator[tuple[int, int]]:
    for number, entry in _numbered(folder):
        with suppress(OSError):
            yield number, entry.stat().st_ctime_ns


def _times(parent: Path) -> Iterator[tuple[str, int]]:
    for entry in _entries(parent):
        if not entry.name.startswith(".") and _is_folder(entry):
            with suppress(OSError):
                yield entry.name, entry.stat().st_ctime_ns


def _numbered(folder: str | Path) -> Iterator[tuple[int, os.DirEntry[str]]]:
    # Of other names nothing is asked: of a ticket, a link, the system would have to say where it leads.
    for entry in _entries(folder):
        number = layout.version_number(entry.name)
        if number is not None and _is_folder(entry):
            yield number, entry


def _entries(parent: str | Path) -> Iterator[os.DirEntry[str]]:
    with suppress(FileNotFoundError, NotADirectoryError), os.scandir(parent) as entries:
        yield from entries


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False
