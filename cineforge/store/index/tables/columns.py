"""How values stand in the columns of the index: references, times, verdicts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice

from cineforge.model.health import Verdict
from cineforge.model.names import NO_ENTITY
from cineforge.model.refs import ArtifactKey, ArtifactRef, lean_ref

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: So many row ids are handed over at once.
_AT_ONCE = 5000
VERDICTS = {Verdict.CONFIRMED: 1, Verdict.NEEDS_REVISION: 2}


def to_microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


def from_microseconds(value: int) -> datetime:
    return _EPOCH + timedelta(microseconds=value)


def in_pieces(ids: Iterable[int]) -> Iterator[str]:
    """Row ids as `json_each` takes them, so many at a time: there may be a hundred thousand."""
    rest = iter(ids)
    while piece := list(islice(rest, _AT_ONCE)):
        yield json.dumps(piece)


def entity_of(name: str) -> str | None:
    return None if name == NO_ENTITY else name


def make_ref(artifact_type: str, entity: str, number: int) -> ArtifactRef:
    return lean_ref(ArtifactKey(artifact_type, entity_of(entity)), number)
