"""Runs that were killed, or stopped by a full disk: ended by the next command, with all that they paid."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cineforge.history.costs_file import append_cost
from cineforge.history.dead_runs import end_dead_runs
from cineforge.history.job_events import SUFFIX, JobEvents, append_event
from cineforge.history.run_files import read_events, read_state, run_ids
from cineforge.history.run_fold import fold
from cineforge.model.metadata import CostRecord
from cineforge.model.records import run_events as ev
from cineforge.model.records.run_events import RunStatus
from cineforge.model.records.run_state import InstanceState
from cineforge.store.disk.durable import CannotWrite
from cineforge.store.layout import JOBS
from tests.history.records import begin, do_job
from tests.patience import PATIENCE


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


KILLED = """
    import os, signal, sys
    sys.path[:0] = {path!r}
    from pathlib import Path
    from tests.history.records import begin, decide, do_job
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
