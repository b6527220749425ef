"""The world as it will be when what is known ahead has been published."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, KeysView, Mapping
from dataclasses import replace
from typing import Any

from cineforge.deciding.certain_changes import Past
from cineforge.deciding.dry_run.probe import ProbedOutput
from cineforge.deciding.facts.world import HeadState, Standing, World
from cineforge.deciding.instance import instance_of
from cineforge.deciding.reconcile import MemberHead, reconcile
from cineforge.deciding.refined import place_of, version_read
from cineforge.model.names import collection_type
from cineforge.model.own_payloads.collection import Collection, Member, Outcome
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.recipes.resolved import ResolvedRecipe, ResolvedStage
from cineforge.store.layout import payload_size

#: Where a version that is taken for published comes from.
_Origin = ArtifactRef | ProbedOutput


class WorldAfterAdoption:
    """A world in which older versions have become the heads again, and what was probed is published.

    Their numbers are the likely ones.
    """

    def __init__(self, present: World, recipe: ResolvedRecipe) -> None:
        self._present = present
        self._recipe = recipe
        self._chains: dict[ArtifactRef, tuple[Standing, ...]] = {}
        #: Whether the newest collections name an entity, of those for which that is another thing now.
        self._is_named: dict[ArtifactKey, bool] = {}
        self._heads: dict[ArtifactKey, HeadState] = {}
        self._collections: dict[ArtifactKey, Collection] = {}
        self._ahead: dict[ArtifactKey, None] = {}
        self._origins: dict[ArtifactRef, ArtifactRef] = {}
        self._probed: dict[ArtifactRef, ProbedOutput] = {}

    @property
    def vanishing(self) -> frozenset[ArtifactKey]:
        """The members that fan-outs will name no more."""
        return frozenset(key for key, is_named in self._is_named.items() if not is_named)

    def adopt(
        self, stage: ResolvedStage, entity: str | None, refs: Iterable[ArtifactRef]
    ) -> tuple[ArtifactKey, ...]:
        """Take for published what a run would adopt; returns the artifacts that then have other content."""
        return self._publish(
            stage, entity, [(ref.key, self._present.content(ref), ref) for ref in refs]
        )

    def publish(
        self, stage: ResolvedStage, entity: str | None, made: Iterable[ProbedOutput]
    ) -> tuple[ArtifactKey, ...]:
        """Take for published what was probed; returns the artifacts that then have other content."""
        return self._publish(stage, entity, [(each.key, each.content, each) for each in made])

    def located(self, ref: ArtifactRef) -> ProbedOutput | ArtifactRef:
        """What was probed and is taken for this version, or the version that is there and has its content."""
        return self._probed.get(ref) or self._origins.get(ref, ref)

    def _publish(
        self,
        stage: ResolvedStage,
        entity: str | None,
        made: Iterable[tuple[ArtifactKey, str, _Origin]],
    ) -> tuple[ArtifactKey, ...]:
        if not stage.is_fan_out:
            return tuple(
                key for key, content, origin in made if self._follow(key, content, origin, stage)
            )
        changed: list[ArtifactKey] = []
        members: dict[str, dict[str, Member]] = {out.artifact_type: {} for out in stage.outputs}
        for made_key, content, origin in made:
            outcome = reconcile(content, self._member_head(made_key))
            if outcome is Outcome.NEW and self._follow(made_key, content, origin, stage):
                changed.append(made_key)
            head = self._begun_with(made_key)
            assert head is not None, "what is not new has a head"
            members[made_key.artifact_type][made_key.entity_dir] = Member(
                version=head.ref.version, content=head.content, outcome=outcome
            )
        key = ArtifactKey(collection_type(stage.id), entity)
        before = self.collection(key)
        self._collections[key] = collection = Collection(parent=entity, members=members)
        self._ahead[key] = None
        self._is_named.update(dict.fromkeys(before.keys() if before else (), False))
        self._is_named.update(dict.fromkeys(collection.keys(), True))
        if before is None or before.keys() != collection.keys():
            changed.append(key)
        return tuple(changed)

    def _follow(
        self, key: ArtifactKey, content: str, origin: _Origin, stage: ResolvedStage
    ) -> bool:
        """Make something the head; True when the content is another than before."""
        head, read_by = self.head(key), self._read_by(key, stage)
        number = 1 if head is None else head.ref.version + 1
        ref = ArtifactRef(artifact_type=key.artifact_type, entity_id=key.entity_id, version=number)
        if isinstance(origin, ArtifactRef):
            self._origins[ref] = origin
        elif origin.folder is not None:
            self._probed[ref] = origin
        else:
            assert head is not None, "the head has it"
            self._origins[ref] = head.ref
        made = HeadState(
            ref, content, None, held=False, needs_revision=False, refined=bool(read_by)
        )
        self._heads[key] = made
        self._ahead[key] = None
        self._chains[ref] = (Standing(made, stage.id), *read_by)
        before = self._present.head(key)
        return before is None or before.content != content

    def _read_by(self, key: ArtifactKey, stage: ResolvedStage) -> tuple[Standing, ...]:
        """What a stage reads of the artifact that it refines, and what that was refined from in turn."""
        head = self.head(key) if stage.refines == key.artifact_type else None
        if head is None:
            return ()
        chain = self.chain(head)
        read = version_read(chain, place_of(self._recipe, stage.id, key.artifact_type))
        return chain[chain.index(read) :] if read else ()

    def _begun_with(self, key: ArtifactKey) -> HeadState | None:
        """The version that a fan-out made of a member, below what was refined from it."""
        head = self.head(key)
        return self.chain(head)[-1].head if head is not None and head.refined else head

    def chain(self, head: HeadState) -> tuple[Standing, ...]:
        return self._chains.get(head.ref) or self._present.chain(head)

    def is_approved(self, ref: ArtifactRef) -> bool:
        """Only asked of what is at rest at the start."""
        return self._present.is_approved(ref)

    def latest_by(self, key: ArtifactKey, stage: str) -> Standing | None:
        return self._present.latest_by(key, stage)

    def refined_from(self, ref: ArtifactRef) -> ArtifactRef | None:
        return self._present.refined_from(ref)

    def _member_head(self, key: ArtifactKey) -> MemberHead | None:
        head = self._present.head(key)
        if head is None:
            return None
        if head.refined:
            began = self._present.chain(head)[-1].head
            return MemberHead(began.content, head.held)
        by_hand = head.fingerprint is None
        edited_from = self._present.edited_from(head.ref) if by_hand else None
        return MemberHead(head.content, head.held, edited_from, head.needs_revision)

    @property
    def ahead(self) -> KeysView[ArtifactKey]:
        return self._ahead.keys()

    def head_ref(self, key: ArtifactKey) -> ArtifactRef | None:
        found = self._heads.get(key)
        return self._present.head_ref(key) if found is None else found.ref

    def head(self, key: ArtifactKey) -> HeadState | None:
        found = self._heads.get(key) or self._present.head(key)
        if found is None or not self._is_named:
            return found
        vanished = self._has_vanished(key, found.vanished)
        return found if vanished == found.vanished else replace(found, vanished=vanished)

    def _has_vanished(self, key: ArtifactKey, vanished_before: bool) -> bool:
        """Whether what an artifact belongs to is gone, or has come back."""
        named = [self._is_named[each] for each in self._belongs_to(key) if each in self._is_named]
        return vanished_before if not named else not all(named)

    def _belongs_to(self, key: ArtifactKey) -> Iterator[ArtifactKey]:
        """The artifact itself, and the entities that it was made for."""
        yield key
        maker = instance_of(self._recipe, *key)
        while maker is not None and maker.entity is not None:
            entity_type = self._recipe.stages[maker.stage].for_each
            assert entity_type is not None, "only a for_each stage has instances with an entity"
            yield ArtifactKey(entity_type, maker.entity)
            named_by = self._recipe.domains[entity_type].stage
            maker = instance_of(self._recipe, entity_type, maker.entity, named_by)

    def past(self, ref: ArtifactRef) -> Past | None:
        return self._present.past(ref)

    def examined(self, ref: ArtifactRef) -> Mapping[ArtifactKey, str]:
        return self._present.examined(ref)

    def collection(self, key: ArtifactKey) -> Collection | None:
        return self._collections.get(key) or self._present.collection(key)

    def collections(self, stage: str) -> list[ArtifactKey]:
        return self._present.collections(stage)

    def revisions_asked(self) -> tuple[ArtifactKey, ...]:
        return self._present.revisions_asked()

    def naming_stage(self, member_type: str) -> str | None:
        return self._present.naming_stage(member_type)

    def members_of_type(self, member_type: str) -> list[str]:
        known = dict.fromkeys(self._present.members_of_type(member_type))
        if not self._is_named and not self._heads:
            return list(known)
        fresh = (*self._is_named, *self._heads)
        known.update(
            (key.entity_id, None)
            for key in fresh
            if key.artifact_type == member_type and key.entity_id
        )
        keys = (ArtifactKey(member_type, entity) for entity in known)
        return [key.entity_id for key in keys if key.entity_id and self._is_there(key)]

    def _is_there(self, key: ArtifactKey) -> bool:
        head = self.head(key)
        return head is not None and not head.vanished

    def recipes_making(self, artifact_type: str) -> list[str]:
        return self._present.recipes_making(artifact_type)

    def data(self, ref: ArtifactRef) -> Any:
        probed = self._probed.get(ref)
        return self._present.data(self._origins.get(ref, ref)) if probed is None else probed.data

    def payload_size(self, ref: ArtifactRef) -> int | None:
        probed = self._probed.get(ref)
        if probed is not None and probed.folder is not None:
            return payload_size(probed.folder)
        return self._present.payload_size(self._origins.get(ref, ref))

    def adoptable(
        self, stage: ResolvedStage, entity: str | None, fingerprint: str
    ) -> tuple[ArtifactRef, ...]:
        return self._present.adoptable(stage, entity, fingerprint)

    def content(self, ref: ArtifactRef) -> str:
        probed = self._probed.get(ref)
        return (
            self._present.content(self._origins.get(ref, ref)) if probed is None else probed.content
        )

    def schema_version(self, ref: ArtifactRef) -> str | None:
        if ref in self._probed:
            return None
        return self._present.schema_version(self._origins.get(ref, ref))

    def edited_from(self, ref: ArtifactRef) -> str | None:
        return (
            None if ref in self._probed else self._present.edited_from(self._origins.get(ref, ref))
        )

    def was_made_before(self, key: ArtifactKey) -> bool:
        return self._present.was_made_before(key)

    def has_source(self, path: str) -> bool:
        return self._present.has_source(path)

    def source_digest(self, path: str) -> str:
        return self._present.source_digest(path)
