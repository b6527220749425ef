"""What a run has to do: each instance decided once, claimed, numbered, and put on record."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from cineforge.bridge.planning.batches import (
    LOCAL_SECONDS,
    REMOTE_SECONDS,
    Batches,
    PastCalls,
    batch_size,
    may_be_batched,
)
from cineforge.bridge.planning.expected_costs import ExpectedCosts
from cineforge.bridge.planning.past_calls import past_calls
from cineforge.bridge.planning.planned_versions import PlannedVersions
from cineforge.bridge.run_context import RunContext
from cineforge.bridge.wording import decision_text
from cineforge.deciding.decide import Decision
from cineforge.deciding.dry_run.make_plan import make_plan
from cineforge.deciding.instance import Instance
from cineforge.deciding.planner import Planner
from cineforge.deciding.reads import Reads
from cineforge.history.budgets import set_budget
from cineforge.history.run_claims import EVERY, Claim, RunClaims
from cineforge.model.records import run_events as ev
from cineforge.model.records.decision_record import Action
from cineforge.recipes.resolved import ResolvedStage


class Schedule:
    """The work of one run, as far as it is known. `done` are the instances that have run; `versions` their numbers.

    Not safe to use from many threads at once: whoever calls holds the run's lock.
    """

    def __init__(self, context: RunContext, versions: PlannedVersions, claims: RunClaims) -> None:
        self.done: set[Instance] = set()
        #: The decisions of which a person must hear.
        self.reported: list[Decision] = []
        self.versions = versions
        self._context = context
        self._planner = context.planner
        self._claims = claims
        self._decided: set[Instance] = set()
        self._has_budget = False
        self.planned = context.settings.planned
        self._costs = ExpectedCosts(context)
        self.batches = Batches(context.recipe, self._batch_size)

    def add(self, instances: Iterable[Instance]) -> None:
        """Decide for some instances and reserve numbers for those that have work to do. Raises ProjectBusy."""
        fresh = [self._planner.decision(each) for each in instances if each not in self._decided]
        todo = [decision for decision in fresh if decision.has_work]
        for decision in todo:
            if decision.action is Action.BUILD:
                self.require_planned(decision.instance)
        if todo:
            self._claims.add(self._claimed(decision.instance for decision in todo))
            self.versions.plan([decision.instance for decision in todo])
            self.batches.plan(decision.instance for decision in todo)
            if self._context.settings.executing:
                self._begin_log()
        for decision in fresh:
            self._decided.add(decision.instance)
            self._put_on_record(decision)
        self._context.log.flush()

    def _begin_log(self) -> None:
        context = self._context
        context.log.begin()
        if context.settings.budget and not self._has_budget:
            set_budget(context.project, context.run_id, context.settings.budget)
            self._has_budget = True

    def tickets(self, instances: Collection[Instance]) -> list[str]:
        """The tickets of those instances that have work to do: of a batch, that of its first.

        What has to wait for somebody's word gives those of what has yet to run above.
        """
        self.add(instances)
        above = dict.fromkeys(
            each
            for instance in instances
            if self._planner.decision(instance).gates
            for each in self._planner.reads(instance).pending
        )
        return [
            *self.versions.tickets(dict.fromkeys(map(self.batches.first, instances))),
            *(self.tickets(list(above)) if above else ()),
        ]

    def require_planned(self, instance: Instance, reads: Reads | None = None) -> None:
        """Raise DecisionFailed for work that is not in the plan of this run, if it has one, or reads something else."""
        if self.planned is not None:
            self.planned.require(instance)
            if reads is not None:
                self.planned.require_same(instance, reads.digest)

    def expected_usd(self, instance: Instance) -> float | None:
        """What an instance is expected to pay, if a budget makes that count."""
        return self._costs.usd(instance)

    def finish(self, instance: Instance) -> None:
        """Say that an instance has run: what it made or kept is known."""
        self._planner.mark_done(instance)
        if instance not in self.done:
            self.done.add(instance)
            self.batches.finish(instance)

    def steps_beyond_jobs(self) -> tuple[int, int]:
        """How many more instances are done than jobs, and how many more there are: all of a batch but one."""
        return self.batches.beyond_jobs()

    def claim_ahead(self) -> None:
        """Claim all that the targets need, also what is known only when fan-outs have run. Raises ProjectBusy.

        So an overlap ends the command before anything has begun. After each claim all heads are read anew: before it,
        another run may have made just what it is for.
        """
        while self._claims.add(self._needed(self._context.fresh_planner(only_whether=True))):
            if not self._context.world.look_again():
                break

    def _batch_size(self, stage: ResolvedStage, instances: Sequence[Instance]) -> int:
        settings = self._context.settings
        if not settings.executing or stage.id in settings.groups:
            return 1  # each decision is shown; and who groups jobs by --groups has said how many
        if settings.budget and not stage.module.pure:
            return 1  # whether the next one may begin is asked before each
        if not may_be_batched(self._context.recipe, stage, keep_going=settings.keep_going):
            return 1
        count, slots = len(instances), settings.slots
        longest = REMOTE_SECONDS if settings.remote else LOCAL_SECONDS
        size = batch_size(stage, count, slots, longest, PastCalls())
        if size > 1 and stage.options.batch is None:
            keys = [key for each in instances for key in self._planner.output_keys(each)]
            past = past_calls(self._context.store, stage, keys)
            size = batch_size(stage, count, slots, longest, past)
        return size

    def _needed(self, planner: Planner) -> Iterator[Claim]:
        settings = self._context.settings
        for stage in make_plan(planner, settings.asked, settings.limits):
            yield from self._claimed(each.instance for each in stage.at_work)
            for fan_out in stage.waits_for:
                entity = EVERY if fan_out.entity is None else f"{fan_out.entity}.{EVERY}"
                for name in planner.recipe.stages[stage.stage].ticket_types:
                    yield Claim(name, entity)

    def _claimed(self, instances: Iterable[Instance]) -> Iterator[Claim]:
        for instance in instances:
            for key in self._planner.output_keys(instance):
                yield Claim(key.artifact_type, key.entity_dir)

    def _put_on_record(self, decision: Decision) -> None:
        """Put one decision on record, and say what a person must know at once."""
        instance = decision.instance
        version = self.versions.get(instance)
        record = decision.record(version=version)
        if version is None and not decision.is_reported:
            self._context.log.up_to_date(instance)
            return
        self._context.log.emit(ev.Decided, decision=record)
        if version is None:
            self.reported.append(decision)
        if version is None and not decision.gates:
            self._context.say(f"{instance}: {decision_text(record)}")
