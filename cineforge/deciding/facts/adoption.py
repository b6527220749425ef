"""Which older versions may stand for the same work again, so that it is not paid twice."""

from __future__ import annotations

import math
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from cineforge.model.errors import NotFound, StoreDamaged
from cineforge.model.metadata import ArtifactMetadata
from cineforge.model.names import collection_type, is_collection
from cineforge.model.own_payloads.collection import Collection, Member, Outcome
from cineforge.model.refs import ArtifactKey, ArtifactRef, lean_ref
from cineforge.recipes.resolved import ResolvedStage
from cineforge.store.disk.safe_files import read_regular
from cineforge.store.layout import META_FILE
from cineforge.store.versions.seal import checked_payload


class Versions(Protocol):
    """What is asked of a store, or of the detached one of a job on another host."""

    def folder(self, ref: ArtifactRef) -> Path: ...

    def metadata(self, ref: ArtifactRef) -> ArtifactMetadata: ...

    def made_by_the_same_work(self, key: ArtifactKey, fingerprint: str) -> list[ArtifactRef]: ...


def adoptable(
    store: Versions, stage: ResolvedStage, entity: str | None, fingerprint: str
) -> tuple[ArtifactRef, ...]:
    """The versions that the same work made before, one for each artifact; empty when they are not all there.

    Never a person's version, nor one of which a revision is asked for, nor one that is damaged: the work is done anew
    then, as if there were none.
    """
    if stage.is_fan_out:
        key = ArtifactKey(collection_type(stage.id), entity)
        return tuple(ref for ref, _ in adoptable_members(store, key, fingerprint))
    made = []
    for name in stage.ticket_types:
        found = store.made_by_the_same_work(ArtifactKey(name, entity), fingerprint)
        whole = next((ref for ref in found if _payload(store, ref) is not None), None)
        if whole is None:
            return ()
        made.append(whole)
    return tuple(made)


def cost_of_version(store: Versions, ref: ArtifactRef) -> float:
    """What making a version's content had cost, in US dollars: of one that was adopted, the call that made it."""
    if _is_free(store, ref):
        return 0.0
    record = store.metadata(ref)
    return cost_before_adoption(store, record) or _sum(record)


def cost_before_adoption(store: Versions, record: ArtifactMetadata) -> float:
    """What had been paid for a version that was adopted, in US dollars; 0 for any other.

    A collection names its members by their numbers, so it never reproduces an earlier one.
    """
    may_repeat = record.reproduces is not None or is_collection(record.ref.artifact_type)
    if record.cost or record.fingerprint is None or not may_repeat:
        return 0.0
    return cost_of_work(store, [record.ref.key], record.fingerprint.digest)


def _is_free(store: Versions, ref: ArtifactRef) -> bool:
    """Whether a record tells of no call that was paid, and of no earlier version: by a look at its bytes.

    In canonical JSON a line that is indented by one begins with a key of the record's own.
    """
    if is_collection(ref.artifact_type) and ref.version > 1:
        return False
    try:
        raw = read_regular(store.folder(ref) / META_FILE)
    except OSError:
        return False
    return b'\n "cost": [],\n' in raw and b'\n "reproduces": null,\n' in raw


def cost_of_work(store: Versions, keys: Iterable[ArtifactKey], fingerprint: str) -> float:
    """What was paid the last time that some work was not adopted, in US dollars."""
    found = 0.0
    for key in keys:
        for ref in store.made_by_the_same_work(key, fingerprint):
            with suppress(StoreDamaged):
                paid = _sum(store.metadata(ref))
                if paid:
                    found += paid
                    break
    return found


def _sum(record: ArtifactMetadata) -> float:
    return math.fsum(call.estimated_cost_usd for call in record.cost)


def adoptable_members(
    store: Versions, key: ArtifactKey, fingerprint: str
) -> tuple[tuple[ArtifactRef, Member], ...]:
    """The members that an older collection named, with what it says of them.

    One that held a member names a person's work, not the machine's.
    One that names what is to be revised is not told by the store.
    """
    for ref in store.made_by_the_same_work(key, fingerprint):
        payload = _payload(store, ref)
        found = () if payload is None else Collection.model_validate_json(payload).named()
        named = tuple((lean_ref(each, member.version), member) for each, member in found)
        is_held = any(member.outcome is Outcome.HELD for _, member in named)
        if named and not is_held and all(_is_by_machine(store, each) for each, _ in named):
            return named
    return ()


def _is_by_machine(store: Versions, ref: ArtifactRef) -> bool:
    return _payload(store, ref) is not None and store.metadata(ref).fingerprint is not None


def _payload(store: Versions, ref: ArtifactRef) -> bytes | None:
    """The bytes of a version's payload; None when they, or its record, are not what was sealed."""
    with suppress(StoreDamaged, NotFound):
        return checked_payload(store.folder(ref), store.metadata(ref))
    return None
