"""The record of a run: every event in the file at once, the state always what the events come to."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cineforge.history.costs_file import append_cost
from cineforge.history.dead_runs import end_dead_runs
from cineforge.history.job_events import SUFFIX, JobEvents, append_event
from cineforge.history.recorder import Recorder, RunExists
from cineforge.history.run_files import read_events, read_state, run_ids
from cineforge.history.run_fold import fold
from cineforge.model.metadata import CostRecord
from cineforge.model.records import run_events as ev
from cineforge.model.records.decision_record import Action, DecisionRecord
from cineforge.model.records.run_events import RunStatus, StagePlan
from cineforge.model.records.run_state import InstanceState, StageStatus, stage_status
from cineforge.store.disk.durable import CannotWrite
from cineforge.store.layout import JOBS
from tests.patience import PATIENCE

STAGES = ("split", "shout")


def started(run_id: str) -> dict[str, object]:
    return {
        "run_id": run_id,
        "recipe_id": "made",
        "recipe_digest": "sha256:" + "0" * 64,
        "stages": tuple(StagePlan(stage=name, module_id=f"{name}_v1") for name in STAGES),
        "command": ("snakemake",),
        "host": "here",
        "pid": 1,
    }


def begin(project: Path, run_id: str = "r1") -> Recorder:
    upstream: dict[str, set[str]] = {"split": set(), "shout": {"split"}}
    return Recorder(project / "runs" / run_id, started(run_id), upstream)


def decide(
    recorder: Recorder, stage: str, entity: str | None, action: Action = Action.BUILD
) -> None:
    decision = DecisionRecord(
        instance=stage if entity is None else f"{stage}/{entity}",
        action=action,
        final=action is Action.BUILD,
        version=1,
    )
    recorder.emit(ev.Decided, decision=decision)


def do_job(recorder: Recorder, stage: str, entity: str | None, *, usd: float = 0.0) -> None:
    place = {"stage": stage, "entity": entity}
    decide(recorder, stage, entity)
    recorder.emit(ev.JobStarted, **place, attempt=1)
    if usd:
        call = CostRecord(model="m", estimated_cost_usd=usd)
        recorder.emit(ev.Cost, **place, attempt=1, call=call)
    recorder.emit(ev.JobFinished, **place, attempt=1, seconds=0.5)
    recorder.emit(ev.Published, **place, refs=(f"{stage}@1",))


def in_a_process_that_dies(work: Callable[[], object]) -> None:
    """What it leaves is nobody's: no thread of a recorder writes any more."""
    if not (child := os.fork()):
        done = 1
        try:
            work()
            done = 0
        finally:
            os._exit(done)
    assert os.waitpid(child, 0)[1] == 0


def killed_run(project: Path, run_id: str = "r1") -> Path:
    """The folder of a run whose process died after one job."""
    in_a_process_that_dies(lambda: do_job(begin(project, run_id), "split", None))
    return project / "runs" / run_id


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


KILLED = """
    import os, signal, sys
    sys.path[:0] = {path!r}
    from pathlib import Path
    from tests.history.test_run_record import begin, decide, do_job
    from cineforge.model.records import run_events as ev
    from cineforge.model.metadata import CostRecord
    from cineforge.history.costs_file import append_cost

    project = Path({project!r})
    recorder = begin(project)
    do_job(recorder, "split", None, usd=0.5)
    decide(recorder, "shout", "ant")
    recorder.emit(ev.JobStarted, stage="shout", entity="ant", attempt=1)
    costs = project / "runs" / "r1" / "logs" / "shout.ant.1.costs.jsonl"
    append_cost(costs, CostRecord(model="m", estimated_cost_usd=0.25))
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.slow
def test_a_killed_run_is_ended_afterwards_with_all_that_it_paid(tmp_path: Path) -> None:
    script = textwrap.dedent(KILLED).format(path=sys.path, project=str(tmp_path))
    done = subprocess.run([sys.executable, "-c", script], cwd=Path.cwd(), check=False)
    assert done.returncode == -signal.SIGKILL
    folder = tmp_path / "runs" / "r1"
    assert all(event.seq for event in read_events(folder))

    assert end_dead_runs(tmp_path, is_alive=lambda _run_id: False) == ["r1"]

    state = read_state(folder)
    assert state.status is RunStatus.INTERRUPTED
    assert state.finished_at is not None
    assert state.totals.cost_usd == 0.75
    assert state.totals.instances == {InstanceState.DONE: 1, InstanceState.FAILED: 1}
    assert state == fold(read_events(folder)).state()
    assert end_dead_runs(tmp_path, is_alive=lambda _run_id: False) == []


@pytest.mark.slow
def test_two_commands_at_once_end_a_dead_run_once(tmp_path: Path) -> None:
    names = [f"r{number}" for number in range(20)]
    for name in names:
        killed_run(tmp_path, name)
    both = threading.Barrier(2)

    def is_alive(_run_id: str) -> bool:
        both.wait(PATIENCE)
        return False

    with ThreadPoolExecutor(2) as commands:
        ended = [commands.submit(end_dead_runs, tmp_path, is_alive) for _ in range(2)]
    assert sorted(ended[0].result() + ended[1].result()) == sorted(names)
    for name in names:
        events = list(read_events(tmp_path / "runs" / name))
        assert [event.seq for event in events] == list(range(1, len(events) + 1))
        assert [event.type for event in events].count("run_finished") == 1


def test_a_torn_last_line_is_passed_over_and_cut_off(tmp_path: Path) -> None:
    folder = killed_run(tmp_path)
    with (folder / "pipeline_events.jsonl").open("ab") as file:
        file.write(b'{"seq": 99, "at"')
    count = len(list(read_events(folder)))
    end_dead_runs(tmp_path, is_alive=lambda _run_id: False)
    events = list(read_events(folder))
    assert len(events) == count + 1
    assert run_ids(tmp_path) == ["r1"]


def test_a_dead_run_with_a_damaged_line_is_ended_and_says_so(tmp_path: Path) -> None:
    folder = killed_run(tmp_path)
    with (folder / "pipeline_events.jsonl").open("ab") as file:
        file.write(b'{"seq": 99, "at"}\n')
    assert end_dead_runs(tmp_path, is_alive=lambda _run_id: False) == ["r1"]
    state = read_state(folder)
    assert state.status is RunStatus.INTERRUPTED
    assert state.errors == ("the record holds a damaged line, which is not counted",)


def test_a_record_without_a_beginning_keeps_nobody_from_working(tmp_path: Path) -> None:
    folder = killed_run(tmp_path)
    (folder / "pipeline_events.jsonl").write_bytes(b'{"seq": 99, "at"}\n')
    assert end_dead_runs(tmp_path, is_alive=lambda _run_id: False) == []


def test_a_full_disk_leaves_whole_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recorder = begin(tmp_path)
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, line: write(descriptor, line[:7]))
    do_job(recorder, "split", None)
    monkeypatch.undo()
    recorder.close(RunStatus.FAILED)
    kinds = [event.type for event in read_events(tmp_path / "runs" / "r1")]
    assert (kinds[0], kinds[-1]) == ("run_started", "run_finished")
    assert "job_started" not in kinds


def test_a_disk_too_full_for_the_start_is_told_and_leaves_no_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", full)
        with pytest.raises(CannotWrite, match="is full: make room"):
            begin(tmp_path)
    assert run_ids(tmp_path) == []
    begin(tmp_path).close(RunStatus.DONE)


NOW = ev.RunStarted.model_validate_json(
    '{"seq":1,"at":"2020-01-01T00:00:00Z","run_id":"r","recipe_id":"r","recipe_digest":"d","stages":[],'
    '"command":[],"host":"h","pid":1}'
).at


def test_what_jobs_told_after_their_run_was_killed_is_counted(tmp_path: Path) -> None:
    folder = tmp_path / "runs" / "r1"
    told = folder / JOBS / f"shout.ant{SUFFIX}"
    place = {"stage": "shout", "entity": "ant"}

    def run() -> None:
        recorder = begin(tmp_path)
        told.parent.mkdir()
        append_event(told, ev.JobStarted, **place, attempt=1)
        taken_up = JobEvents(told.parent)
        for event in taken_up.fresh():
            recorder.emit(ev.JobStarted, **place, attempt=1, at=event.at)
        assert list(taken_up.fresh()) == []

    in_a_process_that_dies(run)
    call = CostRecord(model="m", estimated_cost_usd=0.5)
    append_event(told, ev.Cost, **place, attempt=1, call=call)
    append_event(told, ev.JobFinished, **place, attempt=1, seconds=2.0)
    append_event(told, ev.Published, **place, refs=("greeting/ant@1",))
    # Another host was lost: what it had paid is in its costs file alone.
    append_event(folder / JOBS / f"shout.bee{SUFFIX}", ev.JobStarted, **BEE, attempt=1)
    append_event(folder / JOBS / f"shout.bee{SUFFIX}", ev.JobStarted, **BEE, attempt=2)
    for attempt in (1, 2):
        append_cost(folder / "logs" / f"shout.bee.{attempt}.costs.jsonl", call)
    # In a batch, it is told afterwards what has begun.
    append_cost(folder / "logs" / "shout.cat.tail.1.costs.jsonl", call)

    end_dead_runs(tmp_path, is_alive=lambda _run_id: False)

    state = read_state(folder)
    assert state.totals.cost_usd == 2.0
    shout = next(stage for stage in state.stages if stage.stage == "shout")
    assert {each.entity: each.state for each in shout.instances} == {
        "ant": InstanceState.DONE,
        "bee": InstanceState.FAILED,
        "cat.tail": InstanceState.SKIPPED,
    }
    assert [event.seq for event in read_events(folder)] == list(
        range(1, len(list(read_events(folder))) + 1)
    )


BEE = {"stage": "shout", "entity": "bee"}
