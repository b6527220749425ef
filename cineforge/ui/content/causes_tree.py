"""The causes of staleness as one tree: steps that several causes share are told once. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from cineforge.model.refs import ArtifactRef
from cineforge.store import Cause


@dataclass
class Branch:
    """A version on the way up, what it leads on to, and the changes that it has not seen itself."""

    ref: ArtifactRef
    branches: dict[ArtifactRef, Branch] = field(default_factory=dict)
    changes: list[Cause] = field(default_factory=list)


def causes_tree(causes: Sequence[Cause]) -> Branch | None:
    """The tree from the stale version up to every change; None for one that has no causes."""
    root: Branch | None = None
    for cause in causes:
        first, *further = cause.path
        root = root or Branch(first)
        at = root
        for ref in further:
            at = at.branches.setdefault(ref, Branch(ref))
        at.changes.append(cause)
    return root
