"""A lineage as the lines of a tree, however deep it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from cineforge.model.errors import CineForgeError
from cineforge.model.health import ASSESSMENT_TYPE, HOLD_TYPE
from cineforge.model.refs import ArtifactRef
from cineforge.project.results import Step

#: The types of records about artifacts, which nothing is made from.
RECORDS = frozenset({ASSESSMENT_TYPE, HOLD_TYPE})


def steps(
    root: ArtifactRef, next_of: Callable[[ArtifactRef], list[ArtifactRef]], depth: int | None
) -> Iterator[Step]:
    """The root and what can be reached from it, each step below the one it was reached from.

    What was opened before is not opened again: lineages share their roots.
    """
    if depth is not None and depth < 0:
        raise CineForgeError(f"a depth of {depth}: use 0 or more")
    opened: set[ArtifactRef] = set()
    pending = [(root, 0)]
    while pending:
        ref, level = pending.pop()
        further = [] if depth is not None and level >= depth else next_of(ref)
        again = bool(further) and ref in opened
        yield Step(ref, level, again)
        if further and not again:
            opened.add(ref)
            pending += [(each, level + 1) for each in reversed(further)]
