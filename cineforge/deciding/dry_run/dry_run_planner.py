"""What a run will come to, as far as that can be told beforehand: work that will be adopted is taken as done.

Adoption needs no module, so what it makes is known; and so is what pure modules make, when a probe runs them in
scratch. In turn, what is decided below both is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from cineforge.deciding.decide import Decision, Past
from cineforge.deciding.dry_run.probe import Probe, ProbedOutput, no_probe
from cineforge.deciding.facts.world import HeadState, Standing, World
from cineforge.deciding.instance import Instance
from cineforge.deciding.planner import Forced, Planner
from cineforge.deciding.reasons import EVERY_REASON
from cineforge.deciding.reconcile import MemberHead, reconcile
from cineforge.deciding.refined import place_of, version_read
from cineforge.model.collection import Collection, Member, Outcome
from cineforge.model.errors import DecisionFailed
from cineforge.model.names import collection_type
from cineforge.model.project_config import ProjectConfig
from cineforge.model.records.decision_record import Action, ReasonKind
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.recipes.resolved import ResolvedRecipe, ResolvedStage
from cineforge.store.layout import payload_size

#: Where a version that is taken for published comes from.
_Origin = ArtifactRef | ProbedOutput


class DryRunPlanner(Planner):
    """A planner that publishes nothing. `adopted` maps the instances found to be adopted to what they take.

    `probed` are those of which a probe tells what they will make; `changed` maps both to the artifacts that get other
    content by it.

    The decision for such an instance stays what it is: build, with its reasons.
    """

    def __init__(
        self,
        recipe: ResolvedRecipe,
        world: World,
        config: ProjectConfig,
        forced: Forced = lambda _instance: False,
        start_from: str | None = None,
        enabled: frozenset[ReasonKind] = EVERY_REASON,
        probe: Probe = no_probe,
    ) -> None:
        self._after_adoption = WorldAfterAdoption(world, recipe)
        self._probe = probe
        self.changed: dict[Instance, tuple[ArtifactKey, ...]] = {}
        self._looked: set[Instance] = set()
        super().__init__(recipe, self._after_adoption, config, forced, start_from, enabled)
        self._at_the_start = Planner(recipe, world, config, forced, start_from, enabled)

    @property
    def at_the_start(self) -> Planner:
        return self._at_the_start

    def is_settled(self, instance: Instance) -> bool:
        return super().is_settled(instance) or self._is_foreseen(instance)

    def decision_ahead(self, instance: Instance) -> Decision:
        self._is_foreseen(instance)
        return self.decision(instance)

    def may_be_adopted(self, instance: Instance) -> bool:
        decision = self.decision(instance)
        if decision.flags.forced or not decision.pending:
            return False
        return any(self.world.was_made_before(key) for key in self.output_keys(instance))

    def done_before(self, instance: Instance) -> list[Instance]:
        if not self.foreseen:
            return []
        pending: tuple[Instance, ...] = ()
        with suppress(DecisionFailed):  # members that there will be by adoption are not there yet
            decision = self.at_the_start.decision(instance)
            if decision.action is Action.KEEP:
                return []
            pending = decision.pending
        return [*pending, *self._read_after_adoption(instance)]

    def _read_after_adoption(self, instance: Instance) -> Iterator[Instance]:
        """The makers of what an instance reads that are at work at the start, members that adoption brings included."""
        with suppress(DecisionFailed):  # told where it is decided
            reads = self.reads(instance)
            for wanted in self.recipe.stages[instance.stage].inputs:
                for state in reads.inputs[wanted.name]:
                    maker = self.maker(wanted, state.key.entity_id)
                    if maker is not None and self._is_at_work_at_the_start(maker):
                        yield maker

    def _is_at_work_at_the_start(self, instance: Instance) -> bool:
        try:
            return self.at_the_start.decision(instance).action is not Action.KEEP
        except DecisionFailed:
            return True

    def _is_foreseen(self, instance: Instance) -> bool:
        if instance in self._looked:
            return instance in self.foreseen
        decision = self.decision(instance)
        self._looked.add(instance)
        if decision.action is not Action.BUILD or decision.pending:
            return False
        stage, reads = self.recipe.stages[instance.stage], self.reads(instance)
        if not decision.flags.forced:
            found = self.world.adoptable(stage, instance.entity, reads.digest)
            if found:
                self.adopted[instance] = found
                self.changed[instance] = self._after_adoption.adopt(stage, instance.entity, found)
                self.mark_done(instance)
                return True
        probed = self._probe(stage, instance, reads, self._after_adoption.probed)
        if probed is None:
            return False
        self.probed.add(instance)
        self.changed[instance] = self._after_adoption.publish(stage, instance.entity, probed)
        self.mark_done(instance)
        return True


class WorldAfterAdoption:
    """A world in which older versions have become the heads again, and what was probed is published.

    Their numbers are the likely ones.
    """

    def __init__(self, present: World, recipe: ResolvedRecipe) -> None:
        self._present = present
        self._recipe = recipe
        self._chains: dict[ArtifactRef, tuple[Standing, ...]] = {}
        self._heads: dict[ArtifactKey, HeadState] = {}
        self._collections: dict[ArtifactKey, Collection] = {}
        self._origins: dict[ArtifactRef, ArtifactRef] = {}
        self._probed: dict[ArtifactRef, ProbedOutput] = {}

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

    def probed(self, ref: ArtifactRef) -> ProbedOutput | None:
        """What was probed and is taken for this version."""
        return self._probed.get(ref)

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
        before = self._present.collection(key)
        self._collections[key] = collection = Collection(parent=entity, members=members)
        if before is None or before.keys() != collection.keys():
            changed.append(key)
        return tuple(changed)

    def _follow(
        self, key: ArtifactKey, content: str, origin: _Origin, stage: ResolvedStage
    ) -> bool:
        """Make something the head; True when the content is another than before."""
        head, below = self.head(key), self._read_by(key, stage)
        number = 1 if head is None else head.ref.version + 1
        ref = ArtifactRef(artifact_type=key.artifact_type, entity_id=key.entity_id, version=number)
        if isinstance(origin, ArtifactRef):
            self._origins[ref] = origin
        elif origin.folder is not None:
            self._probed[ref] = origin
        else:
            assert head is not None, "the head has it"
            self._origins[ref] = head.ref
        made = HeadState(ref, content, None, held=False, needs_revision=False, refined=bool(below))
        self._heads[key] = made
        self._chains[ref] = (Standing(made, stage.id), *below)
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

    def head(self, key: ArtifactKey) -> HeadState | None:
        found = self._heads.get(key)
        return found or self._present.head(key)

    def past(self, ref: ArtifactRef) -> Past | None:
        return self._present.past(ref)

    def examined(self, ref: ArtifactRef) -> Mapping[ArtifactKey, str]:
        return self._present.examined(ref)

    def collection(self, key: ArtifactKey) -> Collection | None:
        return self._collections.get(key) or self._present.collection(key)

    def collections(self, stage: str) -> list[ArtifactKey]:
        return self._present.collections(stage)

    def revisions_asked(self) -> list[ArtifactKey]:
        return self._present.revisions_asked()

    def naming_stage(self, member_type: str) -> str | None:
        return self._present.naming_stage(member_type)

    def members_of_type(self, member_type: str) -> list[str]:
        return self._present.members_of_type(member_type)

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
