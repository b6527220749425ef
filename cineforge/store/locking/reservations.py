"""Which numbers runs have reserved, noted beside the index: deleting that must not take them from a live run.

One file for each run, `artifacts/.live/reserved/<run_id>`, with a line for each number taken (`+`) or given back (`-`).
The index is asked, as it can look and take in one step; made anew, it reads these files again.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from cineforge.model.errors import InvalidName
from cineforge.model.names import check_segment
from cineforge.model.refs import ArtifactKey
from cineforge.store import layout
from cineforge.store.disk.durable import explaining
from cineforge.store.disk.safe_files import open_append, read_text

Numbers = Iterable[tuple[ArtifactKey, int]]


def note_taken(project: Path, run_id: str, numbers: Numbers) -> None:
    """Note numbers before the index has them: a note too many costs a hole. Raises CannotWrite."""
    _append(project, run_id, "+", numbers)


def note_given_back(project: Path, run_id: str, numbers: Numbers) -> None:
    """Note that numbers are free again. Raises CannotWrite."""
    _append(project, run_id, "-", numbers)


def forget(project: Path, run_id: str) -> None:
    """Remove the notes of a run that needs none of its numbers any more."""
    if layout.is_inside(project, _folder(project)):
        with suppress(OSError):  # a folder that somebody put there
            (_folder(project) / run_id).unlink()


def noted(project: Path) -> Iterator[tuple[str, ArtifactKey, int]]:
    """All numbers taken and not given back, with the run that has each. What makes no sense is passed over."""
    try:
        paths = sorted(_folder(project).iterdir())
    except FileNotFoundError:
        return
    for path in paths:
        taken: dict[tuple[ArtifactKey, int], None] = {}
        with suppress(OSError):
            for line in read_text(path, errors="replace").splitlines():
                number = _parsed(line[1:])
                if number and line[0] == "+":
                    taken[number] = None
                elif number:
                    taken.pop(number, None)
        for key, value in taken:
            yield path.name, key, value


def _parsed(text: str) -> tuple[ArtifactKey, int] | None:
    name, _, digits = text.partition(" ")
    with suppress(InvalidName, ValueError):
        type_dir, entity_dir = name.split("/")
        return layout.key_of(type_dir, entity_dir), int(digits)
    return None


def _append(project: Path, run_id: str, sign: str, numbers: Numbers) -> None:
    path = _folder(project) / check_segment("run id", run_id)
    lines = "".join(
        f"{sign}{key.artifact_type}/{key.entity_dir} {number}\n" for key, number in numbers
    )
    if not lines:
        return
    layout.require_inside(project, path)
    with explaining(project):
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = open_append(path)
        try:
            os.write(descriptor, lines.encode())
        finally:
            os.close(descriptor)


def _folder(project: Path) -> Path:
    return project / layout.RESERVED
