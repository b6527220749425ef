"""What there may be to do when fan-outs have run, going by the members of today."""

from __future__ import annotations

from collections.abc import Iterator

from cineforge.deciding.dry_run.entities import EntitiesNow
from cineforge.deciding.instance import Instance
from cineforge.deciding.planner import Planner
from cineforge.deciding.selection import Selection
from cineforge.model.errors import DecisionFailed
from cineforge.model.names import parent_of
from cineforge.model.records.decision_record import Action
from cineforge.recipes.resolved import Reach, ResolvedInput


class Possible:
    """Answers for one planner. What is the same for every instance of a stage is looked up once."""

    def __init__(self, planner: Planner) -> None:
        self._planner = planner
        self._today = EntitiesNow(planner)
        self._gathered: dict[ResolvedInput, list[Instance]] = {}

    def of_stage(self, asked: Selection, stage_id: str) -> Iterator[Instance]:
        """What the members of today would add to a stage, with the fan-outs that name them."""
        entity_type = self._planner.recipe.stages[stage_id].for_each
        assert entity_type is not None, "only a for_each stage waits for members"
        for entity in self._today.today(entity_type):
            if asked.takes(Instance(stage_id, entity)):
                yield Instance(stage_id, entity)
        for fan_out in self._today.fan_outs(entity_type):
            if asked.may_take_emitted(stage_id, fan_out) and not self._is_kept(fan_out):
                yield fan_out

    def made_for(self, instance: Instance, wanted: ResolvedInput) -> list[Instance]:
        """The makers of what an instance may come to read by one of its inputs."""
        if wanted.reach is not Reach.CHILDREN and wanted in self._gathered:
            return self._gathered[wanted]  # the same for every instance of the stage
        if wanted.stored:
            makers = set(self._stored_by(wanted))
        else:
            makers = {*self._fan_outs_read(instance, wanted), *self._makers_read(instance, wanted)}
        found = sorted((each for each in makers if not self._is_kept(each)), key=str)
        self._gathered[wanted] = found
        return found

    def _stored_by(self, wanted: ResolvedInput) -> Iterator[Instance]:
        """All that make a type in another recipe, and the fan-outs that tell which these are."""
        assert wanted.producer is not None, "what is known together has a producer"
        entity_type = self._planner.recipe.stages[wanted.producer].for_each
        if entity_type is None:
            yield Instance(wanted.producer)
            return
        yield from self._today.fan_outs(entity_type)
        yield from (Instance(wanted.producer, each) for each in self._today.today(entity_type))

    def _levels(self, instance: Instance, wanted: ResolvedInput) -> dict[str, tuple[str, ...]]:
        assert wanted.domain is not None, "resolution gives every gathering input a domain"
        if wanted.reach is Reach.CHILDREN:
            ancestor = self._planner.recipe.stages[instance.stage].for_each
            assert ancestor is not None and instance.entity is not None
            return self._today.nested(wanted.domain, ancestor, instance.entity)
        return {wanted.domain: self._today.today(wanted.domain)}

    def _fan_outs_read(self, instance: Instance, wanted: ResolvedInput) -> Iterator[Instance]:
        assert wanted.domain is not None, "resolution gives every gathering input a domain"
        if wanted.reach is not Reach.CHILDREN:
            yield from self._today.fan_outs(wanted.domain)
            return
        for name, ids in self._levels(instance, wanted).items():
            domain = self._planner.recipe.domains[name]
            yield from (Instance(domain.stage, parent_of(entity)) for entity in ids)

    def _makers_read(self, instance: Instance, wanted: ResolvedInput) -> Iterator[Instance]:
        assert wanted.domain is not None and wanted.producer is not None
        if wanted.producer == self._planner.recipe.domains[wanted.domain].stage:
            return
        for entity in self._levels(instance, wanted)[wanted.domain]:
            yield Instance(wanted.producer, entity)

    def _is_kept(self, instance: Instance) -> bool:
        try:
            return self._planner.decision(instance).action is Action.KEEP
        except DecisionFailed:
            return False
