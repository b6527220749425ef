"""`cineforge runs` and `costs`: every run counts, whatever became of the record of another."""

from __future__ import annotations

import re

import pytest

from cineforge.commands.shared.run_totals import again_text
from cineforge.history.run_files import read_state
from cineforge.model.records.run_events import RunStatus
from tests.history.records import begin, do_job

from .conftest import Film


@pytest.fixture
def runs(film: Film) -> Film:
    for name in ("r1", "r2", "r3"):
        recorder = begin(film.folder, name)
        do_job(recorder, "split", None, usd=0.25)
        recorder.close(RunStatus.DONE)
    return film


def test_one_damaged_record_stops_nobody_and_is_named_in_one_line(runs: Film) -> None:
    state = runs.folder / "runs" / "r2" / "run_state.json"
    state.write_text("{}")
    for words in (("runs",), ("costs",), ("runs", "--json"), ("costs", "--json")):
        said = runs.ask(*words)
        assert said.status == 1
        (line,) = said.err.splitlines()
        assert line.startswith(f"cineforge: {state} cannot be read")
    assert len(runs.ask("runs", "--json").json) == 3
    assert runs.ask("costs", "--json").json["total"]["cost_usd"] == 0.75
    assert runs.ask("costs", "--run", "r2", "--json").json["total"]["cost_usd"] == 0.25
    assert "cost $0.25" in runs.ask("runs", "show", "r2").out
    assert runs.ask("runs", "show", "r3").status == 0


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (("cineforge", "run", "made"), "the same command again redoes only what is missing"),
        (("cineforge", "run", "made", "--force"), "calls everything anew, .*: leave out --force"),
        (("snakemake", "-F"), "calls everything anew, .*: leave out -F"),
    ],
)
def test_what_the_same_command_would_do_again_is_told_as_it_is(
    runs: Film, typed: tuple[str, ...], told: str
) -> None:
    state = read_state(runs.folder / "runs" / "r1")
    assert re.search(told, again_text(state.model_copy(update={"command": typed})))


def test_a_run_without_any_record_is_named(runs: Film) -> None:
    (runs.folder / "runs" / "lost").mkdir()
    said = runs.ask("runs")
    assert (said.status, len(said.out.splitlines())) == (1, 4)
    assert "lost holds no record of a run" in said.err
    assert "lost holds no record of a run" in runs.ask("runs", "show", "lost").err


def test_the_newest_runs_are_listed_and_the_others_counted(runs: Film) -> None:
    said = runs.ask("runs", "--limit", "2").out.splitlines()
    assert said[0] == "... and 1 earlier: cineforge runs --limit 0"
    assert [line.split()[0] for line in said[2:]] == ["r2", "r3"]
    assert len(runs.ask("runs", "--limit", "0").out.splitlines()) == 4
    assert [each["run_id"] for each in runs.ask("runs", "--limit", "1", "--json").json] == ["r3"]
    assert runs.ask("runs", "--limit", "-1").status == 1
