"""A run is followed by its events, line by line, whatever stands between them."""

from __future__ import annotations

from pathlib import Path

from cineforge.history.reading.follow import follow, newest_alive
from cineforge.model.records.run_events import RunFinished, RunStatus
from cineforge.store.layout import EVENTS_FILE

from .records import begin, do_job


def test_lines_that_are_no_events_hide_no_others(tmp_path: Path) -> None:
    recorder = begin(tmp_path, "r1")
    do_job(recorder, "split", None)
    recorder.close(RunStatus.DONE)
    folder = tmp_path / "runs" / "r1"
    lines = (folder / EVENTS_FILE).read_bytes().splitlines(keepends=True)
    (folder / EVENTS_FILE).write_bytes(b"".join([lines[0], b'{"type": "noise"}\n', *lines[1:]]))
    told = list(follow(folder, lambda: True, lambda: None))
    assert told[1] is None
    assert [each for each in told if each is None] == [None]
    assert isinstance(told[-1], RunFinished)


def test_what_is_half_written_is_told_when_it_is_whole(tmp_path: Path) -> None:
    recorder = begin(tmp_path, "r1")
    recorder.close(RunStatus.FAILED)
    folder = tmp_path / "runs" / "r1"
    whole = (folder / EVENTS_FILE).read_bytes()
    (folder / EVENTS_FILE).write_bytes(whole[:-20])
    events = follow(folder, lambda: True, lambda: None)
    told = [next(events) for _ in range(whole.count(b"\n") - 1)]
    assert None not in told
    (folder / EVENTS_FILE).write_bytes(whole)
    (last,) = events
    assert isinstance(last, RunFinished)
    assert last.status is RunStatus.FAILED


def test_what_ends_a_dead_record_is_told_too(tmp_path: Path) -> None:
    recorder = begin(tmp_path, "r1")
    folder = tmp_path / "runs" / "r1"
    events = follow(folder, lambda: False, lambda: recorder.close(RunStatus.INTERRUPTED))
    last = list(events)[-1]
    assert isinstance(last, RunFinished)
    assert last.status is RunStatus.INTERRUPTED


def test_the_newest_run_that_is_alive_is_found(tmp_path: Path) -> None:
    for name in ("z_first", "m_second", "a_third"):
        begin(tmp_path, name)
    assert newest_alive(tmp_path, lambda _: True) == "a_third"
    assert newest_alive(tmp_path, lambda run_id: run_id != "a_third") == "m_second"
    assert newest_alive(tmp_path, lambda _: False) is None
