"""Health read straight off the version folders: slow, plain, and without a line of the index's code."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cineforge.model.refs import ArtifactKey, ArtifactRef

Fact = dict[str, Any]


def ref_of(fact: Fact) -> ArtifactRef:
    return ArtifactRef(**fact)


@dataclass
class Basis:
    lineage: list[Fact]
    gathered: list[Fact]


class NaiveProject:
    """All `meta.json` and `data.json` files of a project, and what follows from them by definition."""

    def __init__(self, project: Path) -> None:
        self.meta: dict[ArtifactRef, Fact] = {}
        self.data: dict[ArtifactRef, Any] = {}
        for path in project.glob("artifacts/*/*/v*/meta.json"):
            meta = json.loads(path.read_bytes())
            ref = ref_of(meta["ref"])
            self.meta[ref] = meta
            self.data[ref] = json.loads(path.with_name("data.json").read_bytes())
        self.heads: dict[ArtifactKey, ArtifactRef] = {}
        for ref in self.meta:
            if ref.key not in self.heads or ref.version > self.heads[ref.key].version:
                self.heads[ref.key] = ref
        self.vanished = self._vanished()
        self.causes = self._causes()

    # collections

    def listed(self, collection: ArtifactRef) -> dict[ArtifactRef, str]:
        return {
            ArtifactRef(
                artifact_type=type_,
                entity_id=None if entity == "_" else entity,
                version=member["version"],
            ): member["outcome"]
            for type_, members in self.data[collection]["members"].items()
            for entity, member in members.items()
        }

    def collections(self) -> list[ArtifactRef]:
        return [ref for ref in self.meta if ref.artifact_type.endswith(".members")]

    def names(self, collection: ArtifactRef) -> set[ArtifactKey]:
        return {ref.key for ref in self.listed(collection)}

    def _vanished(self) -> set[ArtifactKey]:
        naming = [self.heads[key] for key in {ref.key for ref in self.collections()}]
        ever = {key for ref in self.collections() for key in self.names(ref)}
        everything = ever | set(self.heads)
        gone: set[ArtifactKey] = set()
        while True:
            more = set(gone)
            for key in everything:
                alive = [ref for ref in naming if key in self.names(ref) and ref.key not in gone]
                if key in ever and not alive:
                    more.add(key)
                made_for = self.meta[self.heads[key]]["made_for"] if key in self.heads else None
                if (
                    made_for
                    and ArtifactKey(made_for["artifact_type"], made_for["entity_id"]) in gone
                ):
                    more.add(key)
            if more == gone:
                return gone
            gone = more

    # basis

    def basis(self, ref: ArtifactRef) -> Basis:
        """What a version stands on. In the place of an earlier version of itself stands what that one stands on."""
        found = Basis([], [])
        pending, seen = [ref], set()
        while pending:
            at = pending.pop()
            if at in seen:
                continue
            seen.add(at)
            at, record = self.record_of(at)
            found.gathered.extend(record.gathered)
            for edge in record.lineage:
                other = ref_of(edge["ref"])
                if other.key == at.key:
                    pending.append(other)
                elif other.key != ref.key:
                    found.lineage.append(edge)
        return found

    def record_of(self, ref: ArtifactRef) -> tuple[ArtifactRef, Basis]:
        """The record that tells what a version was made from; of an edit, that of what was edited."""
        judges = [collection for collection in self.collections() if ref in self.listed(collection)]
        if judges:
            newest = max(judges, key=lambda judge: (judge.version, self.meta[judge]["created_at"]))
            if self.listed(newest)[ref] == "kept":
                return ref, self.judgement(newest, ref)
        meta = self.meta[ref]
        edited = [edge for edge in meta["lineage"] if edge["role"] == "edited_from"]
        if meta["source"] in ("human", "hybrid") and edited:
            return self.record_of(ref_of(edited[0]["ref"]))
        return ref, Basis(meta["lineage"], meta["gathered"])

    def judgement(self, collection: ArtifactRef, ref: ArtifactRef) -> Basis:
        """What a collection that kept a member says it was made from: what it names, or else all that was read."""
        meta = self.meta[collection]
        member = self.data[collection]["members"][ref.artifact_type][ref.entity_id or "_"]
        if "made_from" not in member:
            return Basis(meta["lineage"], meta["gathered"])
        names = member["made_from"]
        edges = [
            edge
            for edge in meta["lineage"]
            if edge["role"] in names or f"{edge['role']}/{edge['ref']['entity_id']}" in names
        ]
        return Basis(edges, [each for each in meta["gathered"] if each["role"] in names])

    def set_causes(self, gathered: Fact) -> set[ArtifactRef]:
        type_ = f"{gathered['stage']}.members"
        scope, wanted = gathered["scope"], gathered["member_type"]
        heads = [
            ref
            for key, ref in self.heads.items()
            if key.artifact_type == type_ and scope in (None, key.entity_id)
        ]

        def ids(collection: ArtifactRef) -> set[str]:
            named = self.names(collection)
            return {key.entity_id for key in named if key.artifact_type == wanted and key.entity_id}

        def ever(collection: ArtifactRef) -> set[str]:
            all_of_it = [ref for ref in self.meta if ref.key == collection.key]
            return {entity for ref in all_of_it for entity in ids(ref)}

        living = [ref for ref in heads if scope is not None or ref.key not in self.vanished]
        now = {entity for ref in living for entity in ids(ref)}
        came, went = now - set(gathered["ids"]), set(gathered["ids"]) - now
        if scope is not None:
            return set(heads) if came or went else set()
        causes = {ref for ref in living if ids(ref) & came}
        for entity in went:
            causes |= {ref for ref in heads if entity in ever(ref)} or set(heads)
        return causes

    # causes

    def removed(self, ref: ArtifactRef) -> set[ArtifactRef]:
        assessment = self.latest_assessment(ref)
        if assessment is None:
            return set()
        examined = [ref_of(fact) for fact in assessment["examined"]]
        return {
            self.heads[seen.key]
            for seen in examined
            if self.meta[seen]["content"] == self.meta[self.heads[seen.key]]["content"]
        }

    def latest_assessment(self, ref: ArtifactRef) -> Fact | None:
        of_it = [
            record
            for record in self.meta
            if record.artifact_type == "assessment" and ref_of(self.data[record]["subject"]) == ref
        ]
        if not of_it:
            return None
        latest = max(of_it, key=lambda record: (self.meta[record]["created_at"], str(record)))
        found: dict[str, Any] = self.data[latest]
        return found

    def arriving(
        self, ref: ArtifactRef, known: dict[ArtifactRef, set[ArtifactRef]]
    ) -> set[ArtifactRef]:
        """What the basis brings, before the version's own assessment takes anything away."""
        basis = self.basis(ref)
        causes: set[ArtifactRef] = set()
        for edge in basis.lineage:
            head = self.heads[ref_of(edge["ref"]).key]
            if self.meta[head]["content"] != edge["content"]:
                causes.add(head)
            causes |= known[head]
        for gathered in basis.gathered:
            causes |= self.set_causes(gathered)
        return causes

    def _causes(self) -> dict[ArtifactRef, set[ArtifactRef]]:
        known: dict[ArtifactRef, set[ArtifactRef]] = {ref: set() for ref in self.meta}
        while True:
            more = {ref: self.arriving(ref, known) - self.removed(ref) for ref in self.meta}
            if more == known:
                return known
            known = more

    def health(self, ref: ArtifactRef) -> str:
        assessment = self.latest_assessment(ref)
        verdict = assessment["verdict"] if assessment else None
        if verdict == "needs_revision" and self.heads[ref.key] == ref:
            return "needs_revision"
        if self.causes[ref]:
            return "stale"
        if verdict == "confirmed" and self.arriving(ref, self.causes) & self.removed(ref):
            return "confirmed_valid"
        return "valid"

    def stale(self) -> set[ArtifactRef]:
        return {
            ref
            for key, ref in self.heads.items()
            if key not in self.vanished and self.health(ref) == "stale"
        }
