"""What a run would do: the decisions for what is asked for and for all that it waits for, by stage."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress

from cineforge.deciding.decide import Decision
from cineforge.deciding.dry_run.entities import naming_stages
from cineforge.deciding.dry_run.possible import Possible
from cineforge.deciding.dry_run.stage_decisions import Alike, Limits, StageDecisions
from cineforge.deciding.instance import Instance
from cineforge.deciding.planner import Planner
from cineforge.deciding.selection import Selection
from cineforge.model.errors import DecisionFailed
from cineforge.model.records.decision_record import Action
from cineforge.recipes.resolved import ResolvedRecipe


def make_plan(
    planner: Planner, asked: Selection, limits: Limits | None = None
) -> list[StageDecisions]:
    """What a run on a selection would do, in topological order. Raises DecisionFailed.

    A DryRunPlanner also tells what will be adopted. One that decides `only_whether` may leave out what `waits_for` of a
    stage stands for as a whole.
    """
    unlimited = limits is None
    limits = limits or Limits()
    walk = _Walk(planner, brief=planner.only_whether and unlimited and not planner.recipe.has_gates)
    if unlimited and not (asked.instances or asked.patterns):
        walk.pass_over_what_is_alike(asked)
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
        tuple(each for each in waits if selection.may_take_emitted(stage_id, each)),
    )


class _Walk:
    """Goes from what is asked for to all that may have work. `seen` tells whether an instance is there for certain."""

    def __init__(self, planner: Planner, *, brief: bool = False) -> None:
        """`brief`: no instance is looked at that an open fan-out stands for anyway, if it can lead to no other work."""
        self._planner = planner
        self._brief = brief
        self._possible = Possible(planner)
        self._pending: list[tuple[Instance, bool]] = []
        self._decisions: dict[Instance, Decision] = {}
        self._downstream: dict[Instance, set[Instance]] = {}
        self._waits: dict[str, dict[Instance, None]] = {}
        #: Stages of which all of today's members wait, and were not looked at one by one.
        self._alike: dict[str, int] = {}
        self.seen: dict[Instance, bool] = {}

    def pass_over_what_is_alike(self, asked: Selection) -> None:
        """Let stages that are asked for be told as a whole, where all of today's members wait for the same.

        Nothing else may lead to them, nor they to what is not asked for itself.
        """
        recipe = self._planner.recipe
        for stage_id, stage in recipe.stages.items():
            domain = recipe.domains.get(stage.for_each or "")
            if (
                domain is not None
                and domain.parent is None
                and asked.stages >= {stage_id, *recipe.upstream(stage_id)}
                and _needs_no_other(recipe, stage_id, domain.stage)
                and not self._planner.is_settled(Instance(domain.stage))
                and (count := self._planner.waiting_alike(stage_id))
            ):
                self._alike[stage_id] = count

    def start(self, asked: Selection) -> None:
        for stage_id in self._planner.recipe.stages:
            if stage_id in asked.touched:
                known, waits = selected_instances(self._planner, asked, stage_id)
                first = self._known_ahead_first(asked, stage_id)
                self._pending += [(each, True) for each in (*first, *waits, *known)]
                if waits:
                    self._wait(stage_id, waits)
                    if not self._stand_for_all(waits, stage_id):
                        self._pending += [
                            (each, False) for each in self._possible.of_stage(asked, stage_id)
                        ]
        self._go()

    def reach(self, instance: Instance, certain: bool) -> None:
        self._pending.append((instance, certain))
        self._go()

    def depending_on(self, stages: frozenset[str]) -> set[Instance]:
        """The instances of these stages, and all that waits for them."""
        pending = [each for each in self.seen if each.stage in stages]
        found = set(pending)
        while pending:
            fresh = self._downstream.get(pending.pop(), set()) - found
            found |= fresh
            pending += fresh
        return found

    def by_stage(self, omitted: set[Instance]) -> list[StageDecisions]:
        found = {stage: StageDecisions(stage) for stage in self._planner.recipe.stages}
        for instance in sorted(self.seen, key=str):
            if instance not in omitted:
                self._place(found[instance.stage], instance)
        for stage_id, waits in self._waits.items():
            found[stage_id].waits_for = tuple(each for each in waits if each not in omitted)
        for stage_id in self._alike:
            found[stage_id].alike = self._rest_alike(stage_id)
        for decision in self._used_as_they_are():
            found[decision.instance.stage].as_is.append(decision)
        return [each for each in found.values() if not each.is_empty]

    def _rest_alike(self, stage_id: str) -> Alike:
        """Of a stage all that was not reached one by one."""
        seen = {each for each in self.seen if each.stage == stage_id}

        def tell() -> list[Decision]:
            whole = Selection(stages=frozenset({stage_id}))
            others = {*self._possible.of_stage(whole, stage_id)} - seen
            mine = sorted(each.entity or "" for each in others if each.stage == stage_id)
            return [self._decided(Instance(stage_id, each), certain=False) for each in mine]

        return Alike(self._alike[stage_id] - len(seen), tell)

    def _used_as_they_are(self) -> Iterator[Decision]:
        """What lies above the start of a run and has not seen everything, whatever the targets read of it."""
        planner = self._planner
        if planner.start_from is None:
            return
        for stage_id in planner.recipe.upstream(planner.start_from):
            with suppress(DecisionFailed):  # what the targets need has been decided, and told
                for instance in planner.instances(stage_id)[0]:
                    decision = planner.decision(instance)
                    if instance not in self.seen and decision.flags.as_is and decision.is_reported:
                        yield decision

    def _place(self, stage: StageDecisions, instance: Instance) -> None:
        decision = self._decisions[instance]
        planner = self._planner
        if decision.gates:
            stage.waiting.append(decision)
        elif decision.action is Action.KEEP:
            as_is = stage.as_is if decision.is_reported else stage.kept
            (stage.held if decision.flags.held else as_is).append(decision)
        elif instance in planner.adopted:
            stage.adopted.append(decision)
        elif not self.seen[instance]:
            stage.possible.append(decision)
        elif decision.action is Action.UNKNOWN:
            stage.unknown.append(decision)
        else:
            stage.build.append(decision)
            if planner.may_be_adopted(instance):
                stage.recalled.add(instance)

    def _go(self) -> None:
        while self._pending:
            instance, certain = self._pending.pop()
            if instance in self.seen and (self.seen[instance] or not certain):
                continue
            self.seen[instance] = certain
            decision = self._decisions[instance] = self._decided(instance, certain)
            if decision.action is not Action.KEEP or decision.gates:
                self._follow(decision, certain)
            for each in self._planner.done_before(instance):
                self._add(instance, each, certain)

    def _decided(self, instance: Instance, certain: bool) -> Decision:
        try:
            return self._planner.decision_ahead(instance)
        except DecisionFailed:
            if certain:
                raise
            # What is wrong today need not be wrong when the fan-out has run.
            return Decision(instance, Action.UNKNOWN)

    def _follow(self, decision: Decision, certain: bool) -> None:
        instance = decision.instance
        for each in decision.pending:
            self._add(instance, each, certain)
        # What waits for somebody's word does not run, so nothing is due before it but what it reads.
        after = () if decision.gates else self._planner.recipe.stages[instance.stage].after
        for other in after:
            known, waits = self._planner.instances(other)
            for each in (*waits, *known):
                self._add(instance, each, certain)
            if waits:
                self._wait(other, waits)
                for each in self._possible.of_stage(Selection(stages=frozenset({other})), other):
                    self._add(instance, each, False)
        if decision.pending:
            for each in self._gathered_perhaps(instance):
                self._add(instance, each, False)

    def _known_ahead_first(self, asked: Selection, stage_id: str) -> list[Instance]:
        """The fan-outs that must run to know the instances of a stage, and whose outputs are known ahead."""
        planner = self._planner
        if not planner.known_ahead:
            return []
        _, waits = selected_instances(planner.at_the_start, asked, stage_id)
        return [each for each in waits if each in planner.known_ahead]

    def _add(self, reader: Instance, instance: Instance, certain: bool) -> None:
        self._downstream.setdefault(instance, set()).add(reader)
        self._pending.append((instance, certain))

    def _wait(self, stage_id: str, waits: Iterable[Instance]) -> None:
        """Note which fan-outs tell what instances a stage has.

        Those that nobody knows yet may wait in turn for what would otherwise not be asked for.
        """
        recipe = self._planner.recipe
        stage = recipe.stages[stage_id]
        known = self._waits.setdefault(stage_id, {})
        naming = naming_stages(recipe, stage.for_each)
        fresh = [
            each
            for each in waits
            # What waits for somebody's word tells nothing in this run.
            if each.stage in naming and each not in known and not self._decided(each, False).gates
        ]
        if stage.for_each is None or not fresh:
            return
        known.update(dict.fromkeys(fresh))
        for other in (recipe.domains[stage.for_each].stage, *stage.needs, *stage.after):
            instances, unsettled = self._planner.instances(other)
            if unsettled:
                self._wait(other, [each for each in unsettled if each in fresh] or unsettled)
            elif recipe.stages[other].for_each is None:
                self._pending += [(each, False) for each in instances]

    def _gathered_perhaps(self, instance: Instance) -> Iterator[Instance]:
        """What an instance may come to read when fan-outs have run: the makers of today's members' artifacts."""
        inputs = self._planner.recipe.stages[instance.stage].inputs
        if not any(wanted.many for wanted in inputs):
            return
        reads = self._planner.reads(instance)
        if not reads.waits_for:
            return
        for wanted in inputs:
            is_known = wanted.fan_out is not None or wanted.stored
            if not wanted.many or not is_known or wanted.producer is None:
                continue
            self._wait(wanted.producer, reads.waits_for)
            if not self._stand_for_all(reads.waits_for, wanted.producer):
                yield from self._possible.made_for(instance, wanted)

    def _stand_for_all(self, waits: Iterable[Instance], stage_id: str) -> bool:
        """Whether open fan-outs stand for each instance of a stage, and none of these leads to work of its own."""
        if not self._brief:
            return stage_id in self._alike
        recipe = self._planner.recipe
        domain = recipe.domains.get(recipe.stages[stage_id].for_each or "")
        if domain is None or Instance(domain.stage) not in waits:
            return False
        return _needs_no_other(recipe, stage_id, domain.stage)


def _needs_no_other(recipe: ResolvedRecipe, stage_id: str, fan_out: str) -> bool:
    """Whether what a stage's instances need is made once for all, or for the same entity by a stage like it."""
    stage = recipe.stages[stage_id]
    if stage.is_fan_out or stage.refines or any(each.many or each.stored for each in stage.inputs):
        return False
    needed = {each.producer for each in stage.inputs if each.producer} | {
        *stage.needs,
        *stage.after,
    }
    return all(
        other == fan_out
        or recipe.stages[other].for_each is None
        or (
            recipe.stages[other].for_each == stage.for_each
            and _needs_no_other(recipe, other, fan_out)
        )
        for other in needed
    )
