"""The record of what one run of a fan-out named: the payload of an artifact of type `<stage>.members`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any

from pydantic import ConfigDict, Field, SerializerFunctionWrapHandler, model_serializer
from pydantic.dataclasses import dataclass

from cineforge.model.metadata import Digest
from cineforge.model.names import NO_ENTITY
from cineforge.model.refs import ArtifactKey, ArtifactRef, EntityId, Strict, TypeName, lean_ref


class Outcome(StrEnum):
    """How a member came out: a new version, the head kept (same content), or a person's head held against it."""

    NEW = "new"
    KEPT = "kept"
    HELD = "held"


#: An input, or an input and the entity of one of its artifacts: `scenes/scene_7`.
SourceName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_\-]*(/[a-z0-9][a-z0-9_\-.]*)?$")]


#: No model: there may be a hundred thousand, and one takes a kilobyte.
@dataclass(frozen=True, slots=True, config=ConfigDict(extra="forbid", strict=True))
class Member:
    """One version, and how it came out. `made_from` names what of the inputs it was made from; None for all of them."""

    version: Annotated[int, Field(ge=1)]
    content: Digest
    outcome: Outcome
    made_from: tuple[SourceName, ...] | None = None

    @model_serializer(mode="wrap")
    def _as_ever(self, serialized: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Where nothing is said of what it was made from, the record stays byte for byte what it has always been."""
        fields: dict[str, Any] = serialized(self)
        if self.made_from is None:
            del fields["made_from"]
        return fields


class Collection(Strict):
    """Members by type and entity id; a fan-out's outputs without an entity stand under the id `_`."""

    parent: EntityId | None = None
    members: dict[TypeName, dict[str, Member]]

    def ids(self, member_type: str) -> tuple[str, ...]:
        """The sorted ids of one type."""
        named = self.members.get(member_type, {})
        return tuple(sorted(entity for entity in named if entity != NO_ENTITY))

    def named(self) -> Iterator[tuple[ArtifactKey, Member]]:
        """Every artifact named, with what is said of it: there may be very many, so without a reference of its own."""
        for member_type, named in self.members.items():
            for entity, member in named.items():
                yield ArtifactKey(member_type, None if entity == NO_ENTITY else entity), member

    def refs(self) -> dict[ArtifactRef, Outcome]:
        """Every version named, with how it came out."""
        return {lean_ref(key, member.version): member.outcome for key, member in self.named()}

    def canonical(self) -> bytes:
        """The canonical JSON of the record, without making all of it as plain data first: there may be very many."""
        parent = "null" if self.parent is None else f'"{self.parent}"'
        types = ",".join(
            f'\n  "{name}": {_listed(self.members[name])}' for name in sorted(self.members)
        )
        members = f"{{{types}\n }}" if types else "{}"
        return f'{{\n "members": {members},\n "parent": {parent}\n}}\n'.encode()

    def keys(self) -> set[ArtifactKey]:
        return {key for key, _ in self.named()}

    def names(self, key: ArtifactKey) -> bool:
        return key.entity_dir in self.members.get(key.artifact_type, ())


def keys_named(raw: bytes) -> set[ArtifactKey]:
    """What a collection names, by its payload, without what it says of each: there may be very many."""
    record = json.loads(raw, object_hook=_nothing_of_members)
    return {
        ArtifactKey(name, None if entity == NO_ENTITY else entity)
        for name, members in record["members"].items()
        for entity in members
    }


def _nothing_of_members(found: dict[str, Any]) -> dict[str, Any] | None:
    """None in the place of what is said of a member: whatever else has an `outcome`, as a name, says no text of it."""
    return None if isinstance(found.get("outcome"), str) else found


def _listed(members: dict[str, Member]) -> str:
    # Names and digests hold nothing that JSON would write otherwise.
    lines = ",".join(
        f'\n   "{entity}": {{\n    "content": "{member.content}",{_sources(member)}'
        f'\n    "outcome": "{member.outcome.value}",\n    "version": {member.version}\n   }}'
        for entity, member in sorted(members.items())
    )
    return f"{{{lines}\n  }}" if lines else "{}"


def _sources(member: Member) -> str:
    if member.made_from is None:
        return ""
    names = ",".join(f'\n     "{name}"' for name in member.made_from)
    return f'\n    "made_from": [{names}\n    ],' if names else '\n    "made_from": [],'
