"""What people hold, looked at once more in the very step that publishes.

A run decides, calls a module for minutes, and publishes. Whoever put or held something meanwhile was told that no run
replaces it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice
from pathlib import Path

from cineforge.model.errors import CineForgeError
from cineforge.model.health import HOLD_TYPE, Hold, HoldAction
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.store import layout
from cineforge.store.index.queries import query
from cineforge.store.index.queries.query import HeadRow
from cineforge.store.versions.seal import checked_payload, read_sealed

#: Up to so many artifacts are looked up one by one; of more it is cheaper to read all that is held.
_FEW = 50


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
    home = project / layout.ARTIFACTS / HOLD_TYPE
    for place in home.iterdir() if home.is_dir() else ():
        try:
            ref = ArtifactRef(artifact_type=HOLD_TYPE, entity_id=place.name, version=1)
            folder = layout.version_dir(project, ref)
            record = read_sealed(folder, ref)
            hold = Hold.model_validate_json(checked_payload(folder, record))
        except (CineForgeError, OSError, ValueError):
            continue  # a damaged record says nothing: `verify` names it
        key = ArtifactKey(hold.artifact_type, hold.entity_id)
        if key not in found or found[key].at < record.created_at:
            found[key] = LatestHold(hold.action is HoldAction.HOLD, record.created_at)
    return found
