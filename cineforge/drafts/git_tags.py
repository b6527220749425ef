"""What a tag of Git holds of a project: the newest version of each artifact in its commit, and when that was made."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cineforge.model.errors import InvalidName
from cineforge.model.refs import ArtifactRef
from cineforge.store import layout

_SECONDS = 60


@dataclass(frozen=True)
class Tagged:
    """`heads`: the newest version of each artifact that the commit has; none where Git does not keep them.

    `committed` is the end of the second that Git tells: what was saved just before has a later time than its start.
    """

    committed: datetime
    heads: tuple[ArtifactRef, ...]


def read_tag(project: Path, name: str, types: Iterable[str]) -> Tagged | None:
    """What the tag of this name holds of some types; None when there is no such tag, or no Git."""
    commit = _git(project, "rev-parse", "--verify", "--quiet", f"refs/tags/{name}^{{commit}}")
    if commit is None:
        return None
    date = _git(project, "show", "--no-patch", "--format=%cI", commit.strip()) or ""
    folders = [f"{layout.ARTIFACTS}/{each}" for each in types]
    listed = _git(project, "ls-tree", "-r", "-z", "--name-only", commit.strip(), "--", *folders)
    committed = datetime.fromisoformat(date.strip()).replace(microsecond=999_999)
    return Tagged(committed, tuple(_heads(listed or "")))


def tags(project: Path) -> list[str]:
    """The names of all tags."""
    return (_git(project, "tag", "--list") or "").split()


def _heads(listed: str) -> Iterable[ArtifactRef]:
    newest: dict[tuple[str, str], int] = {}
    for path in listed.split("\0"):
        parts = path.split("/")
        if len(parts) != 5 or parts[-1] != layout.DATA_FILE:
            continue
        number = layout.version_number(parts[3])
        if number is not None:
            place = parts[1], parts[2]
            newest[place] = max(number, newest.get(place, 0))
    for (kind, entity), number in newest.items():
        try:
            key = layout.key_of(kind, entity)
        except InvalidName:
            continue
        yield ArtifactRef(artifact_type=key.artifact_type, entity_id=key.entity_id, version=number)


def _git(project: Path, *words: str) -> str | None:
    """What Git answers; None when it refuses, or is not there."""
    try:
        done = subprocess.run(
            ["git", "-C", str(project), *words],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else None
