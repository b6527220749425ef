"""The record of a run: every event in the file at once, the state always what the events come to."""

from __future__ import annotations

import gc
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cineforge.history.recorder import RunExists
from cineforge.history.run_files import read_events, read_state
from cineforge.history.run_fold import RunFold, fold
from cineforge.model.metadata import CostRecord
from cineforge.model.records import run_events as ev
from cineforge.model.records.decision_record import Action
from cineforge.model.records.run_events import RunStatus
from cineforge.model.records.run_state import (
    InstanceRecord,
    InstanceState,
    StageStatus,
    stage_status,
)
from tests.history.records import STAGES, begin, decide, do_job, started
from tests.patience import PATIENCE


def test_the_state_on_disk_is_the_events_folded(tmp_path: Path) -> None:
    recorder = begin(tmp_path)
    do_job(recorder, "split", None, usd=0.25)
    do_job(recorder, "shout", "ant")
    decide(recorder, "shout", "bee", Action.UNKNOWN)
    recorder.close(RunStatus.FAILED)
    folder = tmp_path / "runs" / "r1"
    state = read_state(folder)
    assert state == fold(read_events(folder)).state()
    assert state.totals.instances == {InstanceState.DONE: 2, InstanceState.SKIPPED: 1}
    assert state.totals.cost_usd == 0.25
    assert [stage.stage for stage in state.stages] == list(STAGES)
    assert [event.seq for event in read_events(folder)] == list(range(1, state.events + 1))


def test_the_state_follows_a_run_that_is_going_on(tmp_path: Path) -> None:
    recorder = begin(tmp_path)
    do_job(recorder, "split", None)
    deadline = time.monotonic() + PATIENCE
    while not read_state(tmp_path / "runs" / "r1").totals.instances.get(InstanceState.DONE):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert read_state(tmp_path / "runs" / "r1").status is RunStatus.RUNNING
    recorder.close(RunStatus.DONE)


def test_a_stage_has_a_status_of_its_own(tmp_path: Path) -> None:
    recorder = begin(tmp_path)

    def statuses() -> list[str | None]:
        return [each.status and each.status.value for each in recorder.fold.state().stages]

    assert statuses() == ["pending", "pending"]
    recorder.emit(ev.UpToDate, stage="split", entities=(None,))
    decide(recorder, "shout", "a")
    assert statuses() == ["kept", "pending"]
    recorder.emit(ev.JobStarted, stage="shout", entity="a", attempt=1)
    decide(recorder, "shout", "b")
    assert statuses() == ["kept", "running"]
    recorder.emit(ev.JobFinished, stage="shout", entity="a", attempt=1, seconds=1.0, error="no")
    assert statuses() == ["kept", "running"]
    recorder.close(RunStatus.FAILED)
    assert statuses() == ["kept", "failed"]


def test_what_nobody_asked_for_is_skipped_and_what_was_adopted_is_done() -> None:
    adopted = {InstanceState.ADOPTED: 1, InstanceState.KEPT: 3, InstanceState.SKIPPED: 0}
    assert stage_status(adopted, run_ended=True) is StageStatus.DONE
    assert stage_status({}, run_ended=True) is StageStatus.SKIPPED
    unfinished = {InstanceState.DONE: 2, InstanceState.SKIPPED: 1}
    assert stage_status(unfinished, run_ended=True) is StageStatus.SKIPPED


def test_a_stage_is_finished_once_nothing_upstream_can_add_to_it(tmp_path: Path) -> None:
    recorder = begin(tmp_path)
    do_job(recorder, "split", None)
    do_job(recorder, "shout", "ant")
    recorder.close(RunStatus.DONE)
    finished = [
        event.stage
        for event in read_events(tmp_path / "runs" / "r1")
        if isinstance(event, ev.StageFinished)
    ]
    assert finished == ["split", "shout"]


def test_a_run_id_is_used_once(tmp_path: Path) -> None:
    begin(tmp_path).close(RunStatus.DONE)
    with pytest.raises(RunExists, match="choose another"):
        begin(tmp_path)


def test_a_retry_that_works_is_done_and_all_its_attempts_are_paid(tmp_path: Path) -> None:
    recorder = begin(tmp_path)
    place = {"stage": "split", "entity": None}
    decide(recorder, "split", None)
    for attempt, error in ((1, "torn"), (2, "")):
        recorder.emit(ev.JobStarted, **place, attempt=attempt)
        call = CostRecord(model="m", estimated_cost_usd=0.1)
        recorder.emit(ev.Cost, **place, attempt=attempt, call=call)
        recorder.emit(ev.JobFinished, **place, attempt=attempt, seconds=1.0, error=error)
    recorder.emit(ev.Published, **place, refs=("split@1",))
    recorder.close(RunStatus.DONE)
    (instance,) = read_state(tmp_path / "runs" / "r1").stages[0].instances
    assert (instance.state, instance.attempts, instance.calls) == (InstanceState.DONE, 2, 2)
    assert instance.cost_usd == 0.2
    assert instance.error == ""


@given(st.lists(st.integers(0, 10_000), max_size=30))
def test_costs_add_up_exactly(tenths_of_cents: list[int]) -> None:
    events: list[ev.Event] = [ev.RunStarted(seq=1, at=NOW, **started("r"))]  # type: ignore[arg-type]
    for seq, amount in enumerate(tenths_of_cents, start=2):
        call = CostRecord(model="m", estimated_cost_usd=amount / 1000)
        events.append(ev.Cost(seq=seq, at=NOW, stage="split", attempt=1, call=call))
    totals = fold(events).state().totals
    assert totals.cost_usd == sum(tenths_of_cents) / 1000
    assert totals.calls == len(tenths_of_cents)


NOW = ev.RunStarted.model_validate_json(
    '{"seq":1,"at":"2020-01-01T00:00:00Z","run_id":"r","recipe_id":"r","recipe_digest":"d","stages":[],'
    '"command":[],"host":"h","pid":1}'
).at


def test_what_was_packed_goes_on_as_it_was(tmp_path: Path) -> None:
    recorder = begin(tmp_path)
    do_job(recorder, "split", None, usd=0.25)
    decide(recorder, "shout", "ant", Action.UNKNOWN)
    do_job(recorder, "shout", "ant", usd=0.5)
    do_job(recorder, "shout", "ant", usd=0.1)
    decide(recorder, "shout", "bee")
    recorder.close(RunStatus.FAILED)
    events = list(read_events(tmp_path / "runs" / "r1"))
    packed = RunFold()
    for event in events:
        packed.add(event)
        packed.pack()
    state = fold(events).state()
    assert packed.state() == state
    assert packed.packed() == {
        stage.stage: [each.model_dump_json() for each in stage.instances] for stage in state.stages
    }
    assert list(packed.in_state(InstanceState.SKIPPED)) == [("shout", "bee")]


def test_however_much_is_planned_few_records_are_held(tmp_path: Path) -> None:
    def held() -> int:
        return sum(isinstance(each, InstanceRecord) for each in gc.get_objects())

    recorder = begin(tmp_path)
    before = held()
    for number in range(3_000):
        decide(recorder, "shout", f"a{number}")
    assert held() - before < 1_000
    assert recorder.fold.known_instances("shout") == 3_000
    recorder.close(RunStatus.FAILED)
