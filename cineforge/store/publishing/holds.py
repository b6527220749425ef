"""What people hold, looked at once more in the very step that publishes.

A run decides, calls a module for minutes, and publishes. Whoever put or held something meanwhile was told that no run
replaces it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice
from pathlib import Path
from typing import TypeVar

from cineforge.model.errors import CineForgeError
from cineforge.model.health import ASSESSMENT_TYPE, HOLD_TYPE, Assessment, Hold, HoldAction, Verdict
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.store import layout
from cineforge.store.index.queries import query
from cineforge.store.index.queries.query import HeadRow
from cineforge.store.versions.seal import checked_payload, read_sealed

#: Up to so many artifacts are looked up one by one; of more it is cheaper to read all that is held.
_FEW = 50

_Record = TypeVar("_Record", Hold, Assessment)


class HeldMeanwhile(CineForgeError):
    """Versions were about to become heads in the place of these, which are held. Nothing was published."""

    def __init__(self, heads: Sequence[ArtifactRef]) -> None:
        self.heads = tuple(heads)
        super().__init__(f"held, and not to be replaced: {', '.join(map(str, heads[:8]))}")


def require_unheld(db: sqlite3.Connection, refs: Iterable[ArtifactRef]) -> None:
    """Raise HeldMeanwhile when one of these versions, once published, would stand above a head that is held.

    One that was passed by a newer head replaces nothing.
    """
    rest = iter(refs)
    first = list(islice(rest, _FEW + 1))
    if len(first) <= _FEW:
        held = held_rows(query.heads_of(db, [ref.key for ref in first]).values())
    else:
        held = {ref.key: ref for ref in query.held_heads(db)}
    refuse_replacing(held, chain(first, rest))


def refuse_replacing(held: dict[ArtifactKey, ArtifactRef], refs: Iterable[ArtifactRef]) -> None:
    """Raise HeldMeanwhile for those of the held heads that a version would replace."""
    in_the_way = [
        held[ref.key] for ref in refs if ref.key in held and held[ref.key].version < ref.version
    ]
    if in_the_way:
        raise HeldMeanwhile(in_the_way)


def held_rows(rows: Iterable[HeadRow]) -> dict[ArtifactKey, ArtifactRef]:
    """The heads among these that are held, by artifact."""
    return {row.ref.key: row.ref for row in rows if row.held}


@dataclass(frozen=True)
class LatestHold:
    """The last thing that somebody said of an artifact: hold it, or release it."""

    holds: bool
    at: datetime


def latest_holds(project: Path) -> dict[ArtifactKey, LatestHold]:
    """What was said last of each artifact, by the folders: for who may not read the index."""
    found: dict[ArtifactKey, LatestHold] = {}
    for hold, at in _records(project, HOLD_TYPE, Hold):
        key = ArtifactKey(hold.artifact_type, hold.entity_id)
        if key not in found or found[key].at < at:
            found[key] = LatestHold(hold.action is HoldAction.HOLD, at)
    return found


def latest_verdicts(project: Path) -> dict[ArtifactRef, Verdict]:
    """What was said last of each version that somebody has assessed, by the folders."""
    return {ref: said.verdict for ref, said in latest_assessments(project).items()}


def latest_assessments(project: Path, since: int = 0) -> dict[ArtifactRef, Assessment]:
    """The same as it was said; of what came into the project since a change time, in nanoseconds."""
    found: dict[ArtifactRef, tuple[datetime, Assessment]] = {}
    for said, at in _records(project, ASSESSMENT_TYPE, Assessment, since):
        if said.subject not in found or found[said.subject][0] < at:
            found[said.subject] = (at, said)
    return {ref: said for ref, (_, said) in found.items()}


def _records(
    project: Path, artifact_type: str, kind: type[_Record], since: int = 0
) -> Iterator[tuple[_Record, datetime]]:
    """All records of a kind of judgement that came since, and when each was made."""
    home = project / layout.ARTIFACTS / artifact_type
    for place in home.iterdir() if home.is_dir() else ():
        try:
            if place.lstat().st_ctime_ns < since:
                continue
            ref = ArtifactRef(artifact_type=artifact_type, entity_id=place.name, version=1)
            folder = layout.version_dir(project, ref)
            record = read_sealed(folder, ref)
            yield kind.model_validate_json(checked_payload(folder, record)), record.created_at
        except (CineForgeError, OSError, ValueError):
            continue  # a damaged record says nothing: `verify` names it
