"""The disposable links: tickets beside the version folders, and `current/` for people."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.store import layout

#: Where links are made that are to take the place of others. What a killed process leaves here is nobody's.
_ASIDE = "links"


def _is_right(link: Path, wanted: str) -> bool:
    try:
        return os.readlink(link) == wanted  # noqa: PTH115
    except OSError:  # nothing, or something else
        return False


def _put(project: Path, link: Path, wanted: str) -> None:
    """Make `link` a link to a path that is relative to its folder, atomically: a reader never finds it missing."""
    aside = project.joinpath(layout.PRIVATE, _ASIDE)
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
    with suppress(FileNotFoundError):
        for path in (project / layout.PRIVATE / _ASIDE).iterdir():
            path.unlink(missing_ok=True)


def point_ticket(project: Path, ref: ArtifactRef, number: int) -> Path:
    """Make the ticket numbered `number` of the artifact lead to the payload of `ref`.

    That the artifact's folder is inside the project is for the caller to know.
    """
    ticket = layout.ticket_path(project, ref.key, number)
    wanted = f"{layout.version_name(ref.version)}/{layout.DATA_FILE}"
    try:
        ticket.symlink_to(wanted)
    except FileExistsError:
        if not _is_right(ticket, wanted):
            _put(project, ticket, wanted)
    return ticket


def drop_current(project: Path, key: ArtifactKey) -> None:
    """Remove the `current/` link of an artifact that has no version any more; anything else in its place stays."""
    link = layout.current_path(project, key)
    layout.require_inside(project, link.parent)
    if link.is_symlink():
        link.unlink(missing_ok=True)


def point_current(project: Path, key: ArtifactKey, number: int) -> Path:
    """Make `current/<type>/<entity>.json` lead to the payload of the version with that number."""
    link = layout.current_path(project, key)
    layout.require_inside(project, link.parent)
    home = f"../../{layout.ARTIFACTS}/{key.artifact_type}/{key.entity_dir}"
    wanted = f"{home}/{layout.version_name(number)}/{layout.DATA_FILE}"
    try:
        link.symlink_to(wanted)
    except OSError:  # there is one, or no folder for it
        if not _is_right(link, wanted):
            _put(project, link, wanted)
    return link
