"""Versions that are there and that the index lacks, as they could not be read when it was made."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from cineforge.model.errors import InvalidName, StoreDamaged, VersionClosed
from cineforge.model.refs import ArtifactRef, lean_ref
from cineforge.store import layout
from cineforge.store.disk.safe_files import may_be_whole, read_regular
from cineforge.store.index.database import Index
from cineforge.store.index.rebuild import can_be_registered, rebuild
from cineforge.store.index.tables import origin
from cineforge.store.versions.line_ends import LineEndsChanged
from cineforge.store.versions.seal import read_sealed, unreadable_file


def lacking(index: Index, project: Path) -> StoreDamaged | None:
    """What to tell of the first of them. Those that can be read by now are registered."""
    marks = index.read(origin.marks)
    is_open = bool(marks.get(origin.CLOSED)) and _still_closed(project, marks) is None
    unread = _unread(marks)
    # A merge's conflict that was resolved, or a file put back in its place: no folder's time tells of it.
    if is_open or (unread is not None and can_be_registered(project, unread)):
        if index.only_look:
            index.use_copy()
        index.amend(lambda db: rebuild(db, project))
        marks = index.read(origin.marks)
    return _still_closed(project, marks) or _line_ends_changed(project, marks)


def _still_closed(project: Path, marks: Mapping[str, str]) -> VersionClosed | None:
    if not (name := marks.get(origin.CLOSED)):
        return None
    for file in (layout.META_FILE, layout.DATA_FILE):
        path = project / layout.ARTIFACTS / name / file
        try:
            read_regular(path)
        except OSError as error:
            if may_be_whole(error):
                return VersionClosed(
                    f"{unreadable_file(path, error)}. The index lacks that version, and others that may not be read"
                    " either: a run would make them again. To give one up, remove its folder."
                )
    return None


def _line_ends_changed(project: Path, marks: Mapping[str, str]) -> LineEndsChanged | None:
    """What to tell where Git changed the line ends of records."""
    if (ref := _unread(marks)) is not None:
        try:
            read_sealed(layout.version_dir(project, ref), ref)
        except LineEndsChanged as error:
            return error
        except StoreDamaged:
            return None
    return None


def _unread(marks: Mapping[str, str]) -> ArtifactRef | None:
    """The first version that was damaged when the index was made."""
    parts = marks.get(origin.UNREAD, "").split("/")
    if len(parts) == 3 and (number := layout.version_number(parts[2])) is not None:
        with suppress(InvalidName):
            return lean_ref(layout.key_of(parts[0], parts[1]), number)
    return None
