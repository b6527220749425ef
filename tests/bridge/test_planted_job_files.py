"""Links that somebody planted where the files of jobs are kept: nothing outside is read for ours or written."""

from __future__ import annotations

from pathlib import Path

import pytest

from cineforge.bridge.remote.run_folder import save_workflow
from cineforge.history.job_events import JobEvents, append_event
from cineforge.model.errors import CineForgeError
from cineforge.model.records import run_events as ev

GREET = {"stage": "greet", "entity": "ann", "why": "the budget"}
WRITTEN = ("workflow.smk", "config.json", "groups.json")


@pytest.fixture
def run(tmp_path: Path) -> Path:
    (folder := tmp_path / "film" / "runs" / "monday").mkdir(parents=True)
    (tmp_path / "outside").mkdir()
    return folder


@pytest.mark.parametrize("place", ["jobs", "jobs/.."])
def test_a_folder_of_jobs_that_leads_out_is_refused(run: Path, tmp_path: Path, place: str) -> None:
    if place == "jobs":
        (run / "jobs").symlink_to(tmp_path / "outside")
    else:
        run.rmdir()
        run.symlink_to(tmp_path / "outside")
    with pytest.raises(CineForgeError, match="monday"):
        save_workflow(run, tmp_path / "nothing.smk", {}, {})
    assert list((tmp_path / "outside").iterdir()) == []


@pytest.mark.parametrize("name", WRITTEN)
def test_a_file_that_leads_out_is_refused_or_replaced(run: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / "compiled.smk").write_text("ours")
    theirs = tmp_path / "outside" / "file"
    theirs.write_text("theirs")
    (run / name).symlink_to(theirs)
    try:
        save_workflow(run, tmp_path / "compiled.smk", {"a": 1}, {})
    except (CineForgeError, FileExistsError):
        assert (run / name).is_symlink()
    else:
        assert not (run / name).is_symlink()
    assert theirs.read_text() == "theirs"


def test_events_are_neither_added_to_nor_read_through_a_link(run: Path, tmp_path: Path) -> None:
    theirs = tmp_path / "outside" / "file"
    append_event(theirs, ev.LeftOut, **GREET)
    before = theirs.read_bytes()
    (run / "jobs").mkdir()
    ours = run / "jobs" / "greet.ann.events.jsonl"
    ours.symlink_to(theirs)
    with pytest.raises((CineForgeError, OSError)):
        append_event(ours, ev.LeftOut, **GREET)
    assert theirs.read_bytes() == before
    assert list(JobEvents(run / "jobs").fresh()) == []
