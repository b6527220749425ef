"""What a run will come to, as far as that can be told beforehand: work that will be adopted is taken as done.

Adoption needs no module, so what it makes is known; and so is what pure modules make, when a probe runs them in
scratch. In turn, what is decided downstream of both is known.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

from cineforge.deciding.decide import Decision
from cineforge.deciding.dry_run.probe import Probe, no_probe
from cineforge.deciding.dry_run.world_after_adoption import WorldAfterAdoption
from cineforge.deciding.facts.gates import ANY
from cineforge.deciding.facts.world import World
from cineforge.deciding.instance import Instance
from cineforge.deciding.kept_before import KeptBefore
from cineforge.deciding.planner import Forced, Planner, nothing_forced
from cineforge.deciding.reads import Reads
from cineforge.deciding.reasons import EVERY_REASON
from cineforge.model.errors import DecisionFailed
from cineforge.model.records.decision_record import Action, ReasonKind
from cineforge.model.refs import ArtifactKey
from cineforge.recipes.resolved import ResolvedRecipe


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
        forced: Forced = nothing_forced,
        start_from: str | None = None,
        enabled: frozenset[ReasonKind] = EVERY_REASON,
        probe: Probe = no_probe,
        kept: KeptBefore | None = None,
    ) -> None:
        self._after_adoption = WorldAfterAdoption(world, recipe)
        self._probe = probe
        self.changed: dict[Instance, tuple[ArtifactKey, ...]] = {}
        self._looked: set[Instance] = set()
        self._at_the_start = Planner(recipe, world, forced, start_from, enabled, kept=kept)
        super().__init__(recipe, self._after_adoption, forced, start_from, enabled, kept=kept)

    @property
    def at_the_start(self) -> Planner:
        return self._at_the_start

    @property
    def vanishing(self) -> frozenset[ArtifactKey]:
        """The members that fan-outs will name no more, as far as that is known ahead."""
        return self._after_adoption.vanishing

    def reads(self, instance: Instance) -> Reads:
        """A run knows of gates what it knows at the start, before it is known what will be made."""
        found = super().reads(instance)
        if not self.recipe.has_gates or not self._is_known_at_the_start(instance):
            return found
        with suppress(DecisionFailed):  # told where it is decided
            early = self._at_the_start.reads(instance).closed
            exact = {key.artifact_type for key in found.closed if key.entity_id != ANY}
            more = [key for key in early if key.entity_id != ANY or key.artifact_type not in exact]
            return replace(found, closed_members=(*found.closed_members, *more))
        return found

    def _is_known_at_the_start(self, instance: Instance) -> bool:
        entity_type = self.recipe.stages[instance.stage].for_each
        if entity_type is None or instance.entity is None:
            return True
        with suppress(DecisionFailed):
            return self._at_the_start.members.has(entity_type, instance.entity) is True
        return False

    def is_settled(self, instance: Instance) -> bool:
        return super().is_settled(instance) or self._is_known_ahead(instance)

    def decision_ahead(self, instance: Instance) -> Decision:
        self._look_ahead(instance)
        return self.decision(instance)

    def may_be_adopted(self, instance: Instance) -> bool:
        decision = self.decision(instance)
        if decision.flags.forced or not decision.pending:
            return False
        return any(self.world.was_made_before(key) for key in self.output_keys(instance))

    def done_before(self, instance: Instance) -> list[Instance]:
        if not self.known_ahead:
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
                producer = wanted.producer
                if producer and wanted.many and self.recipe.stages[producer].is_fan_out:
                    # Of a fan-out that makes no member, none leads to it; it must have run all the same.
                    for maker in self.instances(producer)[0]:
                        is_read = instance.entity in (None, maker.entity)
                        if is_read and self._is_at_work_at_the_start(maker):
                            yield maker

    def _is_at_work_at_the_start(self, instance: Instance) -> bool:
        try:
            return self.at_the_start.decision(instance).action is not Action.KEEP
        except DecisionFailed:
            return True

    def _is_known_ahead(self, instance: Instance) -> bool:
        self._look_ahead(instance)
        return instance in self.known_ahead

    def _look_ahead(self, instance: Instance) -> None:
        """Take an instance for done, once, if what it will make is known: by adoption or by a probe."""
        if instance in self._looked:
            return
        decision = self.decision(instance)
        self._looked.add(instance)
        if decision.action is not Action.BUILD or decision.pending:
            return
        stage, reads = self.recipe.stages[instance.stage], self.reads(instance)
        if not decision.flags.forced:
            works = (self.world.adoptable(stage, instance.entity, each) for each in reads.digests)
            found = next(filter(None, works), None)
            if found is not None:
                self.adopted[instance] = found
                self.changed[instance] = self._after_adoption.adopt(stage, instance.entity, found)
                self.mark_done(instance)
                return
        probed = self._probe(stage, instance, reads, self._after_adoption.located)
        if probed is None:
            return
        self.probed.add(instance)
        self.changed[instance] = self._after_adoption.publish(stage, instance.entity, probed)
        self.mark_done(instance)
