"""A loaded version, and the difference between two."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from cineforge.model.health import ArtifactHealth
from cineforge.model.metadata import ArtifactMetadata
from cineforge.model.refs import ArtifactRef


@dataclass(frozen=True)
class Artifact:
    """One version as read from disk. `health` is what is known now; it is not part of the sealed record."""

    ref: ArtifactRef
    data: Any
    metadata: ArtifactMetadata
    health: ArtifactHealth
    folder: Path


class ChangeKind(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True)
class Change:
    """One difference at a JSON path (`$.elements[3].text`) or of an attached file; None on the side that lacks it."""

    path: str
    kind: ChangeKind
    before: Any = None
    after: Any = None


@dataclass(frozen=True)
class Diff:
    """What differs from version `a` to version `b`: fields of the payload, and attached files (digest, size)."""

    a: ArtifactRef
    b: ArtifactRef
    changes: tuple[Change, ...]
    files: tuple[Change, ...]

    @property
    def same_content(self) -> bool:
        return not self.changes and not self.files
