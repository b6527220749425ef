"""What a run will come to, as far as that can be told without running: work that will be adopted is taken as done.

Adoption needs no module, so what it makes is known beforehand; and so is, in turn, what is decided below it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from cineforge.deciding.decide import Decision, Past
from cineforge.deciding.facts.world import HeadState, World
from cineforge.deciding.instance import Instance, instance_of
from cineforge.deciding.planner import Forced, Planner
from cineforge.deciding.reasons import EVERY_REASON
from cineforge.deciding.reconcile import MemberHead, reconcile
from cineforge.model.collection import Collection, Member, Outcome
from cineforge.model.errors import DecisionFailed
from cineforge.model.names import collection_type
from cineforge.model.project_config import ProjectConfig
from cineforge.model.records.decision_record import Action, ReasonKind
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.recipes.resolved import ResolvedRecipe, ResolvedStage


class ForesightPlanner(Planner):
    """A planner that never runs anything. `adopted` maps the instances found to be adopted to what they take,
    `changed` to the artifacts that get other content by it.

    The decision for such an instance stays what it is: build, with its reasons.
    """

    def __init__(
        self,
        recipe: ResolvedRecipe,
        world: World,
        config: ProjectConfig,
        forced: Forced = lambda _instance: False,
        start_from: str | None = None,
        heeded: frozenset[ReasonKind] = EVERY_REASON,
    ) -> None:
        self._foreseen = ForeseenWorld(world)
        self.changed: dict[Instance, tuple[ArtifactKey, ...]] = {}
        self._looked: set[Instance] = set()
        super().__init__(recipe, self._foreseen, config, forced, start_from, heeded)
        self._at_the_start = Planner(recipe, world, config, forced, start_from, heeded)

    @property
    def at_the_start(self) -> Planner:
        return self._at_the_start

    def is_settled(self, instance: Instance) -> bool:
        return super().is_settled(instance) or self._will_be_adopted(instance)

    def decision_ahead(self, instance: Instance) -> Decision:
        self._will_be_adopted(instance)
        return self.decision(instance)

    def may_be_adopted(self, instance: Instance) -> bool:
        decision = self.decision(instance)
        if decision.flags.forced or not decision.pending:
            return False
        return any(self.world.was_made_before(key) for key in self.output_keys(instance))

    def done_before(self, instance: Instance) -> list[Instance]:
        if not self.adopted:
            return []
        pending: tuple[Instance, ...] = ()
        with suppress(DecisionFailed):  # members that there will be by adoption are not there yet
            decision = self.at_the_start.decision(instance)
            if decision.action is Action.KEEP:
                return []
            pending = decision.pending
        return [*pending, *self._read_when_foreseen(instance)]

    def _read_when_foreseen(self, instance: Instance) -> Iterator[Instance]:
        """The makers of what an instance reads that are at work at the start, members that adoption brings included."""
        with suppress(DecisionFailed):  # told where it is decided
            for states in self.reads(instance).inputs.values():
                for state in states:
                    maker = instance_of(self.recipe, *state.key)
                    if maker is not None and self._is_at_work_at_the_start(maker):
                        yield maker

    def _is_at_work_at_the_start(self, instance: Instance) -> bool:
        try:
            return self.at_the_start.decision(instance).action is not Action.KEEP
        except DecisionFailed:
            return True

    def _will_be_adopted(self, instance: Instance) -> bool:
        if instance in self._looked:
            return instance in self.adopted
        decision = self.decision(instance)
        self._looked.add(instance)
        if decision.action is not Action.BUILD or decision.flags.forced or decision.pending:
            return False
        stage = self.recipe.stages[instance.stage]
        found = self.world.adoptable(stage, instance.entity, self.reads(instance).digest)
        if not found:
            return False
        self.adopted[instance] = found
        self.changed[instance] = self._foreseen.adopt(stage, instance.entity, found)
        self.mark_done(instance)
        return True


class ForeseenWorld:
    """A world in which some older versions have become the heads again. Their numbers are the likely ones."""

    def __init__(self, present: World) -> None:
        self._present = present
        self._heads: dict[ArtifactKey, HeadState] = {}
        self._collections: dict[ArtifactKey, Collection] = {}
        self._origins: dict[ArtifactRef, ArtifactRef] = {}

    def adopt(
        self, stage: ResolvedStage, entity: str | None, refs: Iterable[ArtifactRef]
    ) -> tuple[ArtifactKey, ...]:
        """Publish in thought what a run would publish; returns the artifacts that then have other content."""
        if not stage.is_fan_out:
            return tuple(ref.key for ref in refs if self._follow(ref))
        changed: list[ArtifactKey] = []
        members: dict[str, dict[str, Member]] = {out.artifact_type: {} for out in stage.outputs}
        for ref in refs:
            outcome = reconcile(self._present.content(ref), self._member_head(ref.key))
            if outcome is Outcome.NEW and self._follow(ref):
                changed.append(ref.key)
            head = self.head(ref.key)
            assert head is not None, "what is not new has a head"
            members[ref.artifact_type][ref.key.entity_dir] = Member(
                version=head.ref.version, content=head.content, outcome=outcome
            )
        key = ArtifactKey(collection_type(stage.id), entity)
        before = self._present.collection(key)
        self._collections[key] = collection = Collection(parent=entity, members=members)
        if before is None or before.keys() != collection.keys():
            changed.append(key)
        return tuple(changed)

    def _follow(self, origin: ArtifactRef) -> bool:
        """Make an older version the head; True when the content is another than before."""
        content = self._present.content(origin)
        head = self._present.head(origin.key)
        number = 1 if head is None else head.ref.version + 1
        ref = origin.model_copy(update={"version": number})
        self._origins[ref] = origin
        self._heads[origin.key] = HeadState(ref, content, None, held=False, needs_revision=False)
        return head is None or head.content != content

    def _member_head(self, key: ArtifactKey) -> MemberHead | None:
        head = self._present.head(key)
        if head is None:
            return None
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
        return self._present.data(self._origins.get(ref, ref))

    def adoptable(
        self, stage: ResolvedStage, entity: str | None, fingerprint: str
    ) -> tuple[ArtifactRef, ...]:
        return self._present.adoptable(stage, entity, fingerprint)

    def content(self, ref: ArtifactRef) -> str:
        return self._present.content(self._origins.get(ref, ref))

    def edited_from(self, ref: ArtifactRef) -> str | None:
        return self._present.edited_from(self._origins.get(ref, ref))

    def was_made_before(self, key: ArtifactKey) -> bool:
        return self._present.was_made_before(key)

    def has_source(self, path: str) -> bool:
        return self._present.has_source(path)

    def source_digest(self, path: str) -> str:
        return self._present.source_digest(path)
