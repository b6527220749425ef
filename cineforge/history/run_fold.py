"""The state of a run, folded from its events one by one: live while it runs, or from the file afterwards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from cineforge.history.state_file import HeldInstance
from cineforge.model.errors import StoreDamaged
from cineforge.model.records import run_events as ev
from cineforge.model.records.decision_record import Action, DecisionRecord
from cineforge.model.records.run_events import RunStatus
from cineforge.model.records.run_state import (
    InstanceRecord,
    InstanceState,
    RunState,
    StageRecord,
    Totals,
    stage_status,
)

OPEN = frozenset({InstanceState.PENDING, InstanceState.RUNNING})


def _usd(value: float) -> Decimal:
    """Decimal sums of what was recorded: ten calls of 0.1 cost 1.0, in any order."""
    return Decimal(repr(value))


@dataclass
class _Sums:
    states: Counter[InstanceState] = field(default_factory=Counter)
    seconds: float = 0.0
    calls: int = 0
    cost: Decimal = Decimal(0)
    saved: Decimal = Decimal(0)

    def totals(self) -> Totals:
        return Totals(
            instances={state: self.states[state] for state in InstanceState if self.states[state]},
            seconds=round(self.seconds, 3),
            calls=self.calls,
            cost_usd=float(self.cost),
            saved_usd=float(self.saved),
        )


@dataclass
class _Stage:
    module_id: str
    sums: _Sums = field(default_factory=_Sums)
    started_at: datetime | None = None
    finished_at: datetime | None = None
    instances: dict[str | None, HeldInstance] = field(default_factory=dict)


class RunFold:
    """Takes events in order with `add`; `state()` is what they come to. Every event costs the same."""

    def __init__(self) -> None:
        self._start: ev.RunStarted | None = None
        self._stages: dict[str, _Stage] = {}
        self._sums = _Sums()
        self._errors: list[str] = []
        self._warnings = 0
        self._count = 0
        self._finished: ev.RunFinished | None = None
        #: How often something was not begun because of the budget.
        self.left_out = 0
        self._unpacked: dict[tuple[str, str | None], HeldInstance] = {}

    def add(self, event: ev.Event) -> None:
        """Take the next event."""
        self._count = event.seq
        match event:
            case ev.RunStarted():
                self._start = event
                self._stages = {plan.stage: _Stage(plan.module_id) for plan in event.stages}
            case ev.Decided():
                self._decide(event.decision)
            case ev.UpToDate():
                for entity in event.entities:
                    name = event.stage if entity is None else f"{event.stage}/{entity}"
                    kept = DecisionRecord(instance=name, action=Action.KEEP, final=True)
                    self._put(event.stage, entity, state=InstanceState.KEPT, decision=kept)
            case ev.StageStarted():
                self._stages[event.stage].started_at = event.at
            case ev.StageFinished():
                self._stages[event.stage].finished_at = event.at
            case ev.JobStarted():
                started = self._record(event).started_at or event.at
                self._update(
                    event,
                    state=InstanceState.RUNNING,
                    attempts=event.attempt,
                    started_at=started,
                    error="",
                )
            case ev.JobFinished():
                self._finish_job(event)
            case ev.Published():
                self._update(event, state=InstanceState.DONE, artifacts=event.refs)
            case ev.Adopted():
                self._update(
                    event,
                    state=InstanceState.ADOPTED,
                    artifacts=event.refs,
                    saved_usd=event.saved_usd,
                    finished_at=event.at,
                )
                self._save(event.stage, event.saved_usd)
            case ev.Kept():
                self._update(
                    event,
                    state=InstanceState.KEPT,
                    artifacts=(event.ref,),
                    saved_usd=event.saved_usd,
                    finished_at=event.at,
                )
                self._save(event.stage, event.saved_usd)
            case ev.Cost():
                self._spend(event)
            case ev.GivenBack():
                saved = self._record(event).saved_usd
                self._update(event, saved_usd=round(saved + event.saved_usd, 9))
                self._save(event.stage, event.saved_usd)
            case ev.LeftOut():
                self._update(event, state=InstanceState.SKIPPED, error=event.why)
                self.left_out += 1
            case ev.Warned():
                self._warnings += 1
            case ev.Failed():
                self._errors.append(event.message)
            case ev.RunFinished():
                self._finished = event
                self._skip_what_is_open()
            case ev.HealthChanged():
                pass

    def open_instances(self, stage: str) -> int:
        """How many instances of a stage are pending or running."""
        states = self._stages[stage].sums.states
        return sum(states[state] for state in OPEN)

    def known_instances(self, stage: str) -> int:
        return len(self._stages[stage].instances)

    def in_state(self, state: InstanceState) -> Iterator[tuple[str, str | None]]:
        """The instances in a state, each as its stage and its entity."""
        for name, stage in self._stages.items():
            for entity, instance in stage.instances.items():
                if instance.state is state:
                    yield name, entity

    @property
    def unpacked(self) -> int:
        """How many instances have changed since all were packed."""
        return len(self._unpacked)

    def pack(self) -> None:
        """Keep of each instance that has changed the text of its record alone."""
        for instance in self._unpacked.values():
            instance.pack()
        self._unpacked = {}

    def packed(self) -> dict[str, list[str]]:
        """Of each stage the records of its instances as JSON."""
        self.pack()
        return {
            name: [each.text for each in stage.instances.values()]
            for name, stage in self._stages.items()
        }

    @property
    def is_finished(self) -> bool:
        return self._finished is not None

    def state(self, *, with_instances: bool = True) -> RunState:
        """The state now. Without instances its cost does not depend on how many there are."""
        start = self._start
        if start is None:
            raise StoreDamaged("the record of the run does not begin with its start")
        return RunState(
            run_id=start.run_id,
            recipe_id=start.recipe_id,
            recipe_digest=start.recipe_digest,
            status=self._finished.status if self._finished else RunStatus.RUNNING,
            command=start.command,
            host=start.host,
            pid=start.pid,
            started_at=start.at,
            dry=start.dry,
            finished_at=self._finished.at if self._finished else None,
            events=self._count,
            warnings=self._warnings,
            errors=tuple(self._errors),
            totals=self._sums.totals(),
            stages=tuple(
                StageRecord(
                    stage=name,
                    module_id=stage.module_id,
                    status=stage_status(stage.sums.states, run_ended=self.is_finished),
                    started_at=stage.started_at,
                    finished_at=stage.finished_at,
                    totals=stage.sums.totals(),
                    instances=tuple(each.read() for each in stage.instances.values())
                    if with_instances
                    else (),
                )
                for name, stage in self._stages.items()
            ),
        )

    def _instance(self, stage: str, entity: str | None) -> HeldInstance:
        instances = self._stages[stage].instances
        if entity not in instances:
            blank = InstanceRecord(entity=entity, state=InstanceState.PENDING)
            instances[entity] = HeldInstance(blank.state, blank)
            self._count_state(stage, None, InstanceState.PENDING)
        return instances[entity]

    def _decide(self, decision: DecisionRecord) -> None:
        stage, entity = decision.stage, decision.entity
        known = self._stages[stage].instances.get(entity)
        if known is not None and known.state is not InstanceState.WAITING:
            # A job that has begun goes on, whatever more is known of why.
            self._put(stage, entity, decision=decision)
            return
        has_job = decision.version is not None
        state = InstanceState.PENDING if has_job else InstanceState.KEPT
        if decision.gates:
            state = InstanceState.WAITING
        self._put(stage, entity, state=state, decision=decision)

    def _record(self, of: ev._OfInstance) -> InstanceRecord:
        return self._instance(of.stage, of.entity).read()

    def _update(self, event: ev._OfInstance, **changes: object) -> None:
        self._put(event.stage, event.entity, **changes)

    def _put(self, stage: str, entity: str | None, **changes: object) -> None:
        instance = self._instance(stage, entity)
        record = instance.record = instance.read().model_copy(update=changes)
        self._unpacked[stage, entity] = instance
        self._count_state(stage, instance.state, record.state)
        instance.state = record.state

    def _count_state(self, stage: str, before: InstanceState | None, after: InstanceState) -> None:
        for sums in (self._sums, self._stages[stage].sums):
            if before is not None:
                sums.states[before] -= 1
            sums.states[after] += 1

    def _finish_job(self, event: ev.JobFinished) -> None:
        changes: dict[str, object] = {
            "seconds": round(self._record(event).seconds + event.seconds, 3),
            "finished_at": event.at,
            "log": event.log,
            "usage": event.usage,
            "probed": event.probed,
        }
        if event.error:
            changes |= {"state": InstanceState.FAILED, "error": event.error}
        self._update(event, **changes)
        for sums in (self._sums, self._stages[event.stage].sums):
            sums.seconds += event.seconds

    def _spend(self, event: ev.Cost) -> None:
        spent = _usd(event.call.estimated_cost_usd)
        instance = self._instance(event.stage, event.entity)
        instance.cost += spent
        self._update(event, calls=instance.read().calls + 1, cost_usd=float(instance.cost))
        for sums in (self._sums, self._stages[event.stage].sums):
            sums.calls += 1
            sums.cost += spent

    def _save(self, stage: str, saved_usd: float) -> None:
        for sums in (self._sums, self._stages[stage].sums):
            sums.saved += _usd(saved_usd)

    def _skip_what_is_open(self) -> None:
        for name, stage in self._stages.items():
            for entity, instance in stage.instances.items():
                if instance.state is InstanceState.RUNNING:
                    self._put(name, entity, state=InstanceState.FAILED)
                elif instance.state is InstanceState.PENDING:
                    self._put(name, entity, state=InstanceState.SKIPPED)


def fold(events: Iterable[ev.Event]) -> RunFold:
    """All of these events folded."""
    folded = RunFold()
    for event in events:
        folded.add(event)
    return folded
