"""What a run would do: the decisions for what is asked for and for all that it waits for, by stage."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from cineforge.deciding.decide import Action, Decision
from cineforge.deciding.entities import EntitiesNow
from cineforge.deciding.foresight import ForesightPlanner
from cineforge.deciding.instance import Instance, instance_of
from cineforge.deciding.planner import Planner
from cineforge.deciding.selection import Selection
from cineforge.model.errors import DecisionFailed
from cineforge.model.names import parent_of
from cineforge.recipes.resolved import Reach, ResolvedInput


@dataclass
class StageOutlook:
    """The decisions of one stage.

    `build` will be built, `adopted` takes older versions at no cost, `unknown` turns out when something upstream
    has run; `held` and `as_is` are kept although they may not have seen everything. While fan-outs in `waits_for`
    have yet to run, it is not known which instances there will be; `possible` are those of the members known today
    that may have work. `recalled` are those of `build` that may turn out to be work that was done before.
    """

    stage: str
    build: list[Decision] = field(default_factory=list)
    adopted: list[Decision] = field(default_factory=list)
    unknown: list[Decision] = field(default_factory=list)
    possible: list[Decision] = field(default_factory=list)
    held: list[Decision] = field(default_factory=list)
    as_is: list[Decision] = field(default_factory=list)
    kept: list[Decision] = field(default_factory=list)
    waits_for: tuple[Instance, ...] = ()
    recalled: set[Instance] = field(default_factory=set)

    @property
    def at_least(self) -> int:
        """Module calls that are certain."""
        return len(self.build) - len(self.recalled)

    @property
    def at_most(self) -> int:
        """Module calls that there can be, with the members known today."""
        return len(self.build) + len(self.unknown) + len(self.possible)

    @property
    def is_up_to_date(self) -> bool:
        return not (self.at_most or self.adopted or self.waits_for)

    @property
    def is_empty(self) -> bool:
        return self.is_up_to_date and not (self.held or self.as_is or self.kept)

    @property
    def at_work(self) -> list[Decision]:
        """Every instance of which a new version will or may come."""
        return [*self.build, *self.adopted, *self.unknown, *self.possible]


@dataclass(frozen=True)
class Limits:
    """Snakemake's `--until` and `--omit-from`: nothing but what these need; without what depends on those.

    `until` names stages among what is asked for; what `targets` takes is asked for instead.
    """

    until: frozenset[str] = frozenset()
    targets: Selection | None = None
    omit: frozenset[str] = frozenset()


def outlook(planner: Planner, asked: Selection, limits: Limits | None = None) -> list[StageOutlook]:
    """What a run on a selection would do, in topological order. Raises DecisionFailed.

    A ForesightPlanner also tells what will be adopted.
    """
    limits = limits or Limits()
    walk = _Walk(planner)
    walk.start(asked)
    if limits.until or limits.targets:
        reached = walk.seen
        walk = _Walk(planner)
        for instance, certain in reached.items():
            if instance.stage in limits.until:
                walk.reach(instance, certain)
        walk.start(limits.targets or Selection())
    omitted = walk.depending_on(limits.omit)
    return walk.by_stage(omitted)


def selected_instances(
    planner: Planner, selection: Selection, stage_id: str
) -> tuple[list[Instance], tuple[Instance, ...]]:
    """What is asked for of a stage as far as it is known, and the fan-outs that must run to know the rest."""
    if stage_id in selection.stages:
        return planner.instances(stage_id)
    named = sorted((each for each in selection.instances if each.stage == stage_id), key=str)
    if not selection.of(stage_id):
        return named, ()
    known, waits = planner.instances(stage_id)
    taken = [each for each in known if selection.takes(each)]
    return (
        list(dict.fromkeys([*named, *taken])),
        tuple(each for each in waits if selection.may_take_below(stage_id, each)),
    )


class _Walk:
    """Goes from what is asked for to all that may have work. `seen` tells whether an instance is there for certain."""

    def __init__(self, planner: Planner) -> None:
        self._planner = planner
        self._today = EntitiesNow(planner)
        self._pending: list[tuple[Instance, bool]] = []
        self._decisions: dict[Instance, Decision] = {}
        self._below: dict[Instance, set[Instance]] = {}
        self._waits: dict[str, dict[Instance, None]] = {}
        self._perhaps: dict[ResolvedInput, list[Instance]] = {}
        self.seen: dict[Instance, bool] = {}

    def start(self, asked: Selection) -> None:
        for stage_id in self._planner.recipe.stages:
            if stage_id in asked.touched:
                known, waits = selected_instances(self._planner, asked, stage_id)
                first = self._adopted_first(asked, stage_id)
                self._pending += [(each, True) for each in (*first, *waits, *known)]
                if waits:
                    self._wait(stage_id, waits)
                    self._pending += [(each, False) for each in self._possible(asked, stage_id)]
        self._go()

    def reach(self, instance: Instance, certain: bool) -> None:
        self._pending.append((instance, certain))
        self._go()

    def depending_on(self, stages: frozenset[str]) -> set[Instance]:
        """The instances of these stages, and all that waits for them."""
        pending = [each for each in self.seen if each.stage in stages]
        found = set(pending)
        while pending:
            fresh = self._below.get(pending.pop(), set()) - found
            found |= fresh
            pending += fresh
        return found

    def by_stage(self, omitted: set[Instance]) -> list[StageOutlook]:
        found = {stage: StageOutlook(stage) for stage in self._planner.recipe.stages}
        for instance in sorted(self.seen, key=str):
            if instance not in omitted:
                self._place(found[instance.stage], instance)
        for stage_id, waits in self._waits.items():
            found[stage_id].waits_for = tuple(each for each in waits if each not in omitted)
        for decision in self._used_as_they_are():
            found[decision.instance.stage].as_is.append(decision)
        return [each for each in found.values() if not each.is_empty]

    def _used_as_they_are(self) -> Iterator[Decision]:
        """What lies above the start of a run and has not seen everything, whatever the targets read of it."""
        planner = self._planner
        if planner.start_from is None:
            return
        for stage_id in planner.recipe.upstream(planner.start_from):
            with suppress(DecisionFailed):  # what the targets need has been decided, and told
                for instance in planner.instances(stage_id)[0]:
                    decision = planner.decision(instance)
                    if instance not in self.seen and decision.as_is and decision.is_told:
                        yield decision

    def _place(self, stage: StageOutlook, instance: Instance) -> None:
        decision = self._decisions[instance]
        planner = self._planner
        if decision.action is Action.KEEP:
            as_is = stage.as_is if decision.is_told else stage.kept
            (stage.held if decision.held else as_is).append(decision)
        elif isinstance(planner, ForesightPlanner) and instance in planner.adopted:
            stage.adopted.append(decision)
        elif not self.seen[instance]:
            stage.possible.append(decision)
        elif decision.action is Action.UNKNOWN:
            stage.unknown.append(decision)
        else:
            stage.build.append(decision)
            if isinstance(planner, ForesightPlanner) and planner.may_be_adopted(instance):
                stage.recalled.add(instance)

    def _go(self) -> None:
        while self._pending:
            instance, certain = self._pending.pop()
            if instance in self.seen and (self.seen[instance] or not certain):
                continue
            self.seen[instance] = certain
            decision = self._decisions[instance] = self._decided(instance, certain)
            if decision.action is not Action.KEEP:
                self._follow(decision, certain)
            for each in self._adopted_before(instance):
                self._add(instance, each, certain)

    def _decided(self, instance: Instance, certain: bool) -> Decision:
        try:
            decision = self._planner.decision(instance)
            # Has a planner with foresight look for what it may adopt.
            self._planner.is_settled(instance)
        except DecisionFailed:
            if certain:
                raise
            # What is wrong today need not be wrong when the fan-out has run.
            return Decision(instance, Action.UNKNOWN)
        return decision

    def _follow(self, decision: Decision, certain: bool) -> None:
        instance = decision.instance
        for each in decision.pending:
            self._add(instance, each, certain)
        for other in self._planner.recipe.stages[instance.stage].after:
            known, waits = self._planner.instances(other)
            for each in (*waits, *known):
                self._add(instance, each, certain)
            if waits:
                self._wait(other, waits)
                for each in self._possible(Selection(stages=frozenset({other})), other):
                    self._add(instance, each, False)
        if decision.pending:
            for each in self._gathered_perhaps(instance):
                self._add(instance, each, False)

    def _adopted_first(self, asked: Selection, stage_id: str) -> list[Instance]:
        """The fan-outs that will be adopted to know the instances of a stage."""
        planner = self._planner
        if not isinstance(planner, ForesightPlanner) or not planner.adopted:
            return []
        _, waits = selected_instances(planner.at_the_start, asked, stage_id)
        return [each for each in waits if each in planner.adopted]

    def _adopted_before(self, instance: Instance) -> list[Instance]:
        """What a run does before it knows of the instance what is foreseen of it, be it that nothing is to be done."""
        planner = self._planner
        if not isinstance(planner, ForesightPlanner) or not planner.adopted:
            return []
        pending: tuple[Instance, ...] = ()
        with suppress(DecisionFailed):  # members that there will be by adoption are not there yet
            decision = planner.at_the_start.decision(instance)
            if decision.action is Action.KEEP:
                return []
            pending = decision.pending
        return [*pending, *self._read_when_foreseen(instance, planner)]

    def _read_when_foreseen(
        self, instance: Instance, planner: ForesightPlanner
    ) -> Iterator[Instance]:
        """The makers of what an instance reads that are at work at the start, members that adoption brings included."""
        with suppress(DecisionFailed):  # told where it is decided
            for states in planner.reads(instance).inputs.values():
                for state in states:
                    maker = instance_of(planner.recipe, *state.key)
                    if maker is not None and self._is_at_work(maker, planner.at_the_start):
                        yield maker

    @staticmethod
    def _is_at_work(instance: Instance, planner: Planner) -> bool:
        try:
            return planner.decision(instance).action is not Action.KEEP
        except DecisionFailed:
            return True

    def _add(self, below: Instance, instance: Instance, certain: bool) -> None:
        self._below.setdefault(instance, set()).add(below)
        self._pending.append((instance, certain))

    def _wait(self, stage_id: str, waits: Iterable[Instance]) -> None:
        """Note which fan-outs tell what instances a stage has.

        Those that nobody knows yet may wait in turn for what would otherwise not be asked for.
        """
        recipe = self._planner.recipe
        stage = recipe.stages[stage_id]
        known = self._waits.setdefault(stage_id, {})
        naming = self._naming(stage.for_each)
        fresh = [each for each in waits if each.stage in naming and each not in known]
        if stage.for_each is None or not fresh:
            return
        known.update(dict.fromkeys(fresh))
        for other in (recipe.domains[stage.for_each].stage, *stage.needs, *stage.after):
            instances, unsettled = self._planner.instances(other)
            if unsettled:
                self._wait(other, [each for each in unsettled if each in fresh] or unsettled)
            elif recipe.stages[other].for_each is None:
                self._pending += [(each, False) for each in instances]

    def _naming(self, entity_type: str | None) -> set[str]:
        """The fan-out stages that name the entities of a type, and those that these are nested in."""
        naming: set[str] = set()
        while entity_type is not None:
            domain = self._planner.recipe.domains[entity_type]
            naming.add(domain.stage)
            entity_type = domain.parent
        return naming

    def _possible(self, asked: Selection, stage_id: str) -> Iterator[Instance]:
        """What the members of today would add to a stage, with the fan-outs that name them."""
        entity_type = self._planner.recipe.stages[stage_id].for_each
        assert entity_type is not None, "only a for_each stage waits for members"
        for entity in self._today.today(entity_type):
            if asked.takes(Instance(stage_id, entity)):
                yield Instance(stage_id, entity)
        for fan_out in self._today.fan_outs(entity_type):
            if asked.may_take_below(stage_id, fan_out) and not self._is_kept(fan_out):
                yield fan_out

    def _gathered_perhaps(self, instance: Instance) -> Iterator[Instance]:
        """What an instance may come to read when fan-outs have run: the makers of today's members' artifacts."""
        reads = self._planner.reads(instance)
        if not reads.waits_for:
            return
        for wanted in self._planner.recipe.stages[instance.stage].inputs:
            if not wanted.many or wanted.fan_out is None or wanted.producer is None:
                continue
            self._wait(wanted.producer, reads.waits_for)
            yield from self._made_for(instance, wanted)

    def _made_for(self, instance: Instance, wanted: ResolvedInput) -> list[Instance]:
        if wanted.reach is not Reach.CHILDREN and wanted in self._perhaps:
            return self._perhaps[wanted]  # the same for every instance of the stage
        makers = {*self._fan_outs_read(instance, wanted), *self._makers_read(instance, wanted)}
        found = sorted((each for each in makers if not self._is_kept(each)), key=str)
        self._perhaps[wanted] = found
        return found

    def _levels(self, instance: Instance, wanted: ResolvedInput) -> dict[str, tuple[str, ...]]:
        assert wanted.domain is not None, "resolution gives every gathering input a domain"
        if wanted.reach is Reach.CHILDREN:
            ancestor = self._planner.recipe.stages[instance.stage].for_each
            assert ancestor is not None and instance.entity is not None
            return self._today.below(wanted.domain, ancestor, instance.entity)
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
