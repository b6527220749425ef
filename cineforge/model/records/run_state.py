"""What a run has come to: `run_state.json`."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from pydantic import AwareDatetime, ConfigDict, Field

from cineforge.model.records.call_usage import Usage
from cineforge.model.records.decision_record import DecisionRecord
from cineforge.model.records.run_events import RunStatus
from cineforge.model.refs import Strict


class InstanceState(StrEnum):
    PENDING = "pending"
    RUNNING = "running"
    DONE = "done"
    KEPT = "kept"
    ADOPTED = "adopted"
    FAILED = "failed"
    WAITING = "waiting"  # until somebody approves what it reads
    SKIPPED = "skipped"  # planned, but the run ended before it, or left it out


class InstanceRecord(Strict):
    """One instance, with the last decision on it.

    `seconds` and `cost_usd` are over all attempts; `saved_usd` is what adopting it, keeping it
    after all, or giving back remembered calls, did not spend; `probed` says that its
    module was called for a plan, before the run.
    """

    # Earlier releases kept the reasons here, in words: they are in the events.
    model_config = ConfigDict(extra="ignore")

    entity: str | None = None
    state: InstanceState
    decision: DecisionRecord | None = None
    artifacts: tuple[str, ...] = ()
    attempts: int = 0
    started_at: AwareDatetime | None = None
    finished_at: AwareDatetime | None = None
    seconds: float = 0.0
    calls: int = 0
    cost_usd: float = 0.0
    saved_usd: float = 0.0
    error: str = ""
    log: str = ""
    usage: Usage | None = None
    probed: bool = False


class Totals(Strict):
    """Sums over instances: how many are in each state, seconds of jobs, calls and their cost in US dollars."""

    instances: dict[InstanceState, int] = Field(default_factory=dict)
    seconds: float = 0.0
    calls: int = 0
    cost_usd: float = 0.0
    saved_usd: float = 0.0


class StageStatus(StrEnum):
    """What a stage has come to: the first of these that holds.

    A stage is `running` from its first job until nothing of it is open, and `skipped` when the run ended before some
    of it, or did not ask for it, or some of it waits for a person. What was adopted is `done`.
    """

    RUNNING = "running"
    PENDING = "pending"
    FAILED = "failed"
    SKIPPED = "skipped"
    DONE = "done"
    KEPT = "kept"


def stage_status(instances: Mapping[InstanceState, int], *, run_ended: bool) -> StageStatus:
    """The status of a stage by how many of its instances are in each state."""
    has = {state for state, count in instances.items() if count}
    if InstanceState.RUNNING in has:
        return StageStatus.RUNNING
    if InstanceState.PENDING in has:
        has_begun = has & {InstanceState.DONE, InstanceState.ADOPTED, InstanceState.FAILED}
        return StageStatus.RUNNING if has_begun else StageStatus.PENDING
    for state, status in (
        (InstanceState.FAILED, StageStatus.FAILED),
        (InstanceState.SKIPPED, StageStatus.SKIPPED),
        (InstanceState.WAITING, StageStatus.SKIPPED),
        (InstanceState.DONE, StageStatus.DONE),
        (InstanceState.ADOPTED, StageStatus.DONE),
        (InstanceState.KEPT, StageStatus.KEPT),
    ):
        if state in has:
            return status
    return StageStatus.SKIPPED if run_ended else StageStatus.PENDING


class StageRecord(Strict):
    """One stage. Earlier releases gave it no `status`."""

    stage: str
    module_id: str
    status: StageStatus | None = None
    started_at: AwareDatetime | None = None
    finished_at: AwareDatetime | None = None
    totals: Totals
    instances: tuple[InstanceRecord, ...] = ()


class RunState(Strict):
    """One run, its stages in recipe order. `finished_at` is None only while `status` is running.

    `dry`: it only said what it would do; that is its instances' decisions, and all of them are skipped or kept.
    """

    run_id: str
    recipe_id: str
    recipe_digest: str
    status: RunStatus
    command: tuple[str, ...]
    host: str
    pid: int
    started_at: AwareDatetime
    finished_at: AwareDatetime | None = None
    dry: bool = False
    events: int
    warnings: int = 0
    errors: tuple[str, ...] = ()
    totals: Totals
    stages: tuple[StageRecord, ...]
