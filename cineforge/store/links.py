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


def _point(project: Path, link: Path, wanted: str) -> Path:
    """Make `link` a link to a path that is relative to its folder, atomically, unless it already is one."""
    try:
        if os.readlink(link) == wanted:  # noqa: PTH115
            return link
    except FileNotFoundError:
        with suppress(FileExistsError):
            link.symlink_to(wanted)
            return link
    except OSError:
        pass  # not a link: it is put right below
    aside = project.joinpath(layout.PRIVATE, _ASIDE)
    layout.require_inside(project, aside)
    try:
        _replace(aside, link, wanted)
    except FileNotFoundError:
        # The first link of a project, or one swept from under us by one who was cleaning up: that is done only once.
        aside.mkdir(parents=True, exist_ok=True)
        _replace(aside, link, wanted)
    return link


def _replace(aside: Path, link: Path, wanted: str) -> None:
    # Under another name first: a reader must never find the link missing.
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
    return _point(project, ticket, f"{layout.version_name(ref.version)}/{layout.DATA_FILE}")


def point_current(project: Path, key: ArtifactKey, number: int) -> Path:
    """Make `current/<type>/<entity>.json` lead to the payload of the version with that number."""
    link = layout.current_path(project, key)
    folder = link.parent
    layout.require_inside(project, folder)
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
    home = f"../../{layout.ARTIFACTS}/{key.artifact_type}/{key.entity_dir}"
    return _point(project, link, f"{home}/{layout.version_name(number)}/{layout.DATA_FILE}")
