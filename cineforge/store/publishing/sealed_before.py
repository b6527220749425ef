"""What the version before has sealed of others: its parents' contents and seals, and the contents of members it names.

Of thousands of parents nearly all are those of the version before. It read of each what is sealed from that itself, and
versions never change: so what its own seal vouches for is as good as reading each of them again.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Generic, TypeVar

from cineforge.model.names import NO_ENTITY
from cineforge.model.own_payloads.collection import Outcome
from cineforge.model.refs import ArtifactKey, ArtifactRef, lean_ref
from cineforge.store import layout
from cineforge.store.index.queries.lookup import sealed_of_head
from cineforge.store.index.tables import numbers
from cineforge.store.versions.seal import sealed_bytes, sealed_payload

#: Of fewer, each is read by itself.
_MANY = 32

#: A content, and a seal where it is known.
Sealed = TypeVar("Sealed", bound=tuple[str, ...])

#: A version as type, entity and number.
Name = tuple[str, str | None, int]


def parents_before(folder: Path, ref: ArtifactRef) -> dict[Name, tuple[str, str]]:
    """The content and the seal of each parent of a version. Nothing of one whose record is not as it was sealed."""
    raw = sealed_bytes(folder, ref)
    if raw is None:
        return {}
    edges: list[dict[str, Any]] = json.loads(raw)["lineage"]
    return {
        (at["artifact_type"], at["entity_id"], at["version"]): (edge["content"], edge["seal"])
        for edge in edges
        for at in (edge["ref"],)
    }


def members_before(folder: Path, ref: ArtifactRef) -> dict[Name, tuple[str]]:
    """The content of each version that a collection names. Nothing of one that is not as it was sealed.

    Of what a person held, it says what the fan-out would have made.
    """
    raw = sealed_payload(folder, ref)
    if raw is None:
        return {}
    named: dict[str, dict[str, dict[str, Any]]] = json.loads(raw)["members"]
    return {
        (name, None if entity == NO_ENTITY else entity, member["version"]): (member["content"],)
        for name, members in named.items()
        for entity, member in members.items()
        if member["outcome"] != Outcome.HELD
    }


class SealedBefore(Generic[Sealed]):
    """What the heads of artifacts have sealed of others, read with `sealed_of` when it is asked for often enough.

    It counts of heads alone, and where the index says the same: others may have put another under the same number.
    """

    def __init__(
        self,
        db: sqlite3.Connection,
        project: Path,
        sealed_of: Callable[[Path, ArtifactRef], Mapping[Name, Sealed]],
    ) -> None:
        self._db = db
        self._project = project
        self._sealed_of = sealed_of
        self._asked: Counter[ArtifactKey] = Counter()
        self._sealed: dict[ArtifactKey, Mapping[Name, Sealed]] = {}

    def of(self, key: ArtifactKey, version: int, by: ArtifactKey) -> Sealed | None:
        """What the head of `by` says of a version, if that version is a head too."""
        self._asked[by] += 1
        if self._asked[by] < _MANY:
            return None
        sealed = self._sealed.get(by)
        if sealed is None:
            sealed = self._sealed[by] = self._read(by)
        known = sealed.get((*key, version))
        if known is None:
            return None
        now = sealed_of_head(self._db, key, version)
        return known if now is not None and now[: len(known)] == known else None

    def _read(self, key: ArtifactKey) -> Mapping[Name, Sealed]:
        number = numbers.head_number(self._db, key)
        if not number:
            return {}
        head = lean_ref(key, number)
        return self._sealed_of(layout.version_dir(self._project, head), head)
