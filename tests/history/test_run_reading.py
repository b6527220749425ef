"""Runs are told as far as their records go, and the record of one concerns no other."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cineforge.history import run_files, state_file
from cineforge.history.reading.run_reading import ReadRun, find_run, read_run, read_runs
from cineforge.history.run_files import read_state
from cineforge.history.state_file import read_head, read_some, read_stages
from cineforge.model.errors import NotFound, StoreDamaged
from cineforge.model.records import run_events as ev
from cineforge.model.records.run_events import RunStatus
from cineforge.model.records.run_state import InstanceState, RunState
from cineforge.store.layout import EVENTS_FILE, STATE_FILE

from .records import begin, decide, do_job


def in_its_place(make: Callable[[Path], None]) -> Callable[[Path], None]:
    def replace(path: Path) -> None:
        path.unlink()
        make(path)

    return replace


#: What may have become of a state; and a word of what is said of it.
DAMAGE: dict[str, Callable[[Path], object]] = {
    "missing": lambda path: path.unlink(),
    "empty": lambda path: path.write_bytes(b""),
    "noise": lambda path: path.write_bytes(os.urandom(999)),
    "newer": lambda path: path.write_bytes(
        path.read_bytes().replace(b'"pid":', b'"mood":1,"pid":')
    ),
    "a folder": in_its_place(Path.mkdir),
    "a FIFO": in_its_place(os.mkfifo),
    "a link to nowhere": in_its_place(lambda path: path.symlink_to("nowhere")),
}


#: The files of a run before anything became of them.
WRITTEN: dict[str, bytes] = {}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("project")
    folder = three_runs(made)[1]
    WRITTEN.update({name: (folder / name).read_bytes() for name in (STATE_FILE, EVENTS_FILE)})
    return made


def three_runs(project: Path) -> list[Path]:
    for name in ("r1", "r2", "r3"):
        recorder = begin(project, name)
        do_job(recorder, "split", None, usd=0.25)
        do_job(recorder, "shout", "ant", usd=0.5)
        recorder.close(RunStatus.DONE)
    return [project / "runs" / name for name in ("r1", "r2", "r3")]


def without_instances(state: RunState) -> RunState:
    return state.model_copy(
        update={"stages": tuple(each.model_copy(update={"instances": ()}) for each in state.stages)}
    )


def test_each_reader_reads_as_much_as_it_says(tmp_path: Path) -> None:
    folder = three_runs(tmp_path)[0]
    whole = read_state(folder)
    assert read_stages(folder) == without_instances(whole)
    assert read_head(folder) == whole.model_copy(update={"stages": ()})
    # In one line, as earlier programs ended the records of dead runs.
    (folder / STATE_FILE).write_text(whole.model_dump_json() + "\n")
    assert read_stages(folder).stages == whole.stages
    assert read_head(folder) == whole.model_copy(update={"stages": ()})


def test_of_some_instances_the_others_are_passed_over(tmp_path: Path) -> None:
    recorder = begin(tmp_path, "many")
    do_job(recorder, "split", None)
    for name in ("ant", "bee", "cow"):
        do_job(recorder, "shout", name)
    dog = {"stage": "shout", "entity": "dog", "attempt": 1}
    decide(recorder, "shout", "dog")
    recorder.emit(ev.JobStarted, **dog)
    recorder.emit(ev.JobFinished, **dog, seconds=0.5, error="it growled")
    recorder.close(RunStatus.FAILED)
    folder = tmp_path / "runs" / "many"
    whole = read_state(folder)
    some = read_some(folder, {"cow", "no such"}, InstanceState.FAILED)
    assert without_instances(some) == without_instances(whole)
    of_each = {each.stage: [one.entity for one in each.instances] for each in some.stages}
    assert of_each == {"split": [], "shout": ["cow", "dog"]}
    assert {*some.stages[1].instances} <= {*whole.stages[1].instances}
    # Cut short it is told as damaged, and without lines it is read as a whole.
    path = folder / STATE_FILE
    raw = path.read_bytes()
    path.write_bytes(raw[: raw.rfind(b'{"entity"')])
    with pytest.raises(StoreDamaged):
        read_some(folder, {"cow"}, InstanceState.FAILED)
    path.write_text(whole.model_dump_json())
    assert read_some(folder, {"cow"}, InstanceState.FAILED).stages == whole.stages


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("read", [read_head, read_stages, read_state])
def test_a_damaged_state_is_told_from_its_events(
    tmp_path: Path, damage: str, read: Callable[[Path], RunState]
) -> None:
    folders = three_runs(tmp_path)
    DAMAGE[damage](folders[1] / STATE_FILE)
    first, second, third = read_runs(tmp_path, read)
    assert first.trouble == third.trouble == ""
    assert second.state is not None
    assert second.state.totals.cost_usd == 0.75
    assert sum(each.totals.cost_usd for each in second.state.stages) == 0.75
    assert str(folders[1] / STATE_FILE) in second.trouble
    assert second.trouble.endswith("read from pipeline_events.jsonl")
    assert "\n" not in second.trouble


def test_a_state_cut_short_anywhere_does_not_tell_less_than_was_paid(tmp_path: Path) -> None:
    folder = three_runs(tmp_path)[0]
    raw = (folder / STATE_FILE).read_bytes()
    for length in range(0, len(raw) - 1, 7):
        (folder / STATE_FILE).write_bytes(raw[:length])
        found = read_run(folder, read_stages)
        assert found.trouble
        assert found.state is not None
        assert sum(each.totals.cost_usd for each in found.state.stages) == 0.75


def test_damaged_lines_of_events_are_passed_over_and_counted(tmp_path: Path) -> None:
    folder = three_runs(tmp_path)[0]
    (folder / STATE_FILE).unlink()
    lines = (folder / EVENTS_FILE).read_bytes().splitlines(keepends=True)
    other = lines[1].replace(b'"split"', b'"another"')  # a stage that there is not
    garbled = [
        lines[0],
        b"\xff\n",
        other,
        *lines[1:],
        b'{"seq": 1000'.ljust(50) + b"\n",
        lines[-1][:9],
    ]
    (folder / EVENTS_FILE).write_bytes(b"".join(garbled))
    found = read_run(folder, read_head)
    assert found.state is not None
    assert found.state.totals.cost_usd == 0.75
    assert found.trouble.endswith("read from pipeline_events.jsonl, but for 3 damaged lines")


def test_a_run_of_which_nothing_tells_is_named(tmp_path: Path) -> None:
    folders = three_runs(tmp_path)
    for name in (STATE_FILE, EVENTS_FILE):
        (folders[0] / name).unlink()
    (folders[1] / STATE_FILE).write_text("{}")
    (folders[1] / EVENTS_FILE).write_text("{}\n")
    first, second, third = read_runs(tmp_path, read_head)
    assert first == ReadRun(
        "r1",
        None,
        f"{folders[0]} holds no record of a run (it has neither run_state.json nor pipeline_events.jsonl)",
    )
    assert second.state is None
    assert str(folders[1] / STATE_FILE) in second.trouble
    assert third.trouble == ""


@given(noise=st.binary(max_size=300), at=st.integers(0, 3000))
def test_no_bytes_stop_the_reading(project: Path, noise: bytes, at: int) -> None:
    for name, raw in WRITTEN.items():
        changed = raw[:at] + noise + raw[at + len(noise) :]
        (project / "runs" / "r2" / name).write_bytes(changed)
    for read in (read_head, read_stages, read_state):
        assert [each.run_id for each in read_runs(project, read)] == ["r1", "r2", "r3"]


def test_a_list_of_runs_opens_one_file_of_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    three_runs(tmp_path)
    looked: list[str] = []

    def noted(name: str, module: ModuleType, call: str) -> None:
        real = getattr(module, call)

        def counting(*args: Any, **more: Any) -> Any:
            looked.append(name)
            return real(*args, **more)

        monkeypatch.setattr(module, call, counting)

    noted("scan", os, "scandir")
    noted("open", state_file, "open_regular")
    noted("whole", run_files, "read_state")
    list(read_runs(tmp_path, read_head))
    list(read_runs(tmp_path, read_stages))
    assert looked == ["scan", *["open"] * 3] * 2


def test_a_run_that_is_not_there_is_answered_with_the_nearest(tmp_path: Path) -> None:
    three_runs(tmp_path)
    (tmp_path / "runs" / "note.txt").touch()
    assert find_run(tmp_path, "r2").name == "r2"
    for name in ("r9", "../runs", "", "note.txt", "."):
        with pytest.raises(NotFound, match="there is no run"):
            find_run(tmp_path, name)
