"""The disposable links: tickets beside the version folders, and `current/` for people."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from cineforge.model.refs import ArtifactRef
from cineforge.store import layout


def _point(link: Path, target: Path) -> Path:
    """Make `link` a relative link to `target`, atomically, unless it already is one."""
    wanted = os.path.relpath(target, link.parent)
    try:
        if str(link.readlink()) == wanted:
            return link
    except OSError:
        pass  # missing, or not a link: both are put right below
    # Under a name of its own first: a reader must never find the link missing.
    fresh = link.with_name(f".link-{secrets.token_hex(6)}")
    fresh.symlink_to(wanted)
    fresh.replace(link)
    return link


def point_ticket(project: Path, ref: ArtifactRef, number: int) -> Path:
    """Make the ticket numbered `number` of the artifact lead to the payload of `ref`."""
    folder = layout.artifact_dir(project, ref.key)
    layout.require_inside(project, folder)
    return _point(
        layout.ticket_path(project, ref.key, number),
        folder / layout.version_name(ref.version) / layout.DATA_FILE,
    )


def point_current(project: Path, ref: ArtifactRef) -> Path:
    """Make `current/<type>/<entity>.json` lead to the payload of `ref`."""
    link = layout.current_path(project, ref.key)
    layout.require_inside(project, link.parent)
    link.parent.mkdir(parents=True, exist_ok=True)
    return _point(link, layout.version_dir(project, ref) / layout.DATA_FILE)
