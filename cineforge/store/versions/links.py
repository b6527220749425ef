"""The disposable links: tickets beside the version folders, and `current/` for people."""

from __future__ import annotations

import errno
import os
import secrets
from contextlib import suppress
from pathlib import Path

from cineforge.model.errors import StoreDamaged
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.store import layout

#: Where links are made that are to take the place of others. What a killed process leaves here is nobody's.
_ASIDE = "links"


def is_right(link: Path, wanted: str) -> bool:
    """Whether a link leads where it is to lead."""
    try:
        return os.readlink(link) == wanted  # noqa: PTH115
    except OSError:  # nothing, or something else
        return False


def put(project: Path, link: Path, wanted: str) -> None:
    """Make `link` a link to a path that is relative to its folder, atomically: a reader never finds it missing."""
    try:
        _put(project, project.joinpath(layout.PRIVATE, _ASIDE), link, wanted)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        # `current/` may be on a file system of its own.
        _put(project, project / layout.CURRENT / f".{_ASIDE}", link, wanted)


def _put(project: Path, aside: Path, link: Path, wanted: str) -> None:
    layout.require_inside(project, aside)
    try:
        _replace(aside, link, wanted)
    except FileNotFoundError:
        # The first link, or one swept from under us by one who was cleaning up: that is done only once.
        for folder in (aside, link.parent):
            folder.mkdir(parents=True, exist_ok=True)
        _replace(aside, link, wanted)


def _replace(aside: Path, link: Path, wanted: str) -> None:
    fresh = aside / secrets.token_hex(8)
    fresh.symlink_to(wanted)
    try:
        fresh.replace(link)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise


def sweep(project: Path) -> None:
    """Remove the half-made links that killed processes left. A living one makes its own again."""
    for folder in (project / layout.PRIVATE / _ASIDE, project / layout.CURRENT / f".{_ASIDE}"):
        with suppress(FileNotFoundError, NotADirectoryError, StoreDamaged):
            layout.require_inside(project, folder)
            for path in folder.iterdir():
                path.unlink(missing_ok=True)


def point_ticket(project: Path, ref: ArtifactRef, number: int, by: str = "") -> Path:
    """Make the ticket numbered `number` of the artifact, and of the stage `by`, lead to the payload of `ref`.

    That the artifact's folder is inside the project is for the caller to know.
    """
    ticket = layout.ticket_path(project, ref.key, number, by)
    wanted = f"{layout.version_name(ref.version)}/{layout.DATA_FILE}"
    try:
        ticket.symlink_to(wanted)
    except FileExistsError:
        if not is_right(ticket, wanted):
            put(project, ticket, wanted)
    return ticket


def drop_current(project: Path, key: ArtifactKey) -> None:
    """Remove the `current/` link of an artifact that has no version any more; anything else in its place stays."""
    link = layout.current_path(project, key)
    layout.require_inside(project, link.parent)
    if link.is_symlink():
        link.unlink(missing_ok=True)
