"""Two runs at once on one project: disjoint work proceeds in both, overlapping work is refused before it starts."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from . import warm
from .conftest import ROOT, Project
from .test_when_things_go_wrong import wait_for
from .workshop import NOTE, NOTE_CODE, write_module, write_recipe

pytestmark = pytest.mark.e2e

WAITING = """
def run_module(inputs, params, project_config, context):
    here = Path({project!r})
    (here / "{stage}.begun").touch()
    while not (here / "{stage}.go").exists():
        time.sleep(0.02)
    return ModuleResult(outputs={outputs})
"""
MEMBERS = "{'actor': {name: Output(data=name) for name in ('ann', 'bob')}}"


class Running:
    """A run in the background."""

    def __init__(self, project: Project, *arguments: str) -> None:
        words = ["run", "made", *arguments, "-c2", "--directory", str(project.folder)]
        self.process = warm.Started("cineforge", *words, cwd=ROOT)

    def end(self, expected: int = 0) -> str:
        status, said = self.process.end()
        assert status == expected, said
        return said


@pytest.fixture
def film(project: Project) -> Iterator[Project]:
    """`cast` (a fan-out, waits to be let go) -> `greet` for each actor; `brew` waits too; `note` is free of both."""
    (folder := project.folder).mkdir()
    write_module(folder, "note_v1", NOTE, NOTE_CODE)
    emits = {"stage": "cast", "outputs": [{"type": "actor", "many": True}]}
    code = WAITING.format(project=str(folder), stage="cast", outputs=MEMBERS)
    write_module(folder, "cast_v1", emits, code)
    brew = {"stage": "brew", "outputs": [{"type": "tea"}]}
    code = WAITING.format(
        project=str(folder), stage="brew", outputs="{'tea': Output(data='Assam')}"
    )
    write_module(folder, "brew_v1", brew, code)
    greets = {
        "stage": "greet",
        "inputs": {"actor": {"type": "actor"}},
        "outputs": [{"type": "greeting"}],
    }
    hello = "def run_module(inputs, params, project_config, context):\n"
    hello += "    return ModuleResult(outputs={'greeting': Output(data='hello')})\n"
    write_module(folder, "greet_v1", greets, hello)
    write_recipe(
        folder,
        [
            {"id": "write_note", "module": "note_v1"},
            {"id": "cast", "module": "cast_v1"},
            {"id": "brew", "module": "brew_v1"},
            {"id": "greet", "module": "greet_v1", "needs": ["cast"], "for_each": "actor"},
        ],
    )
    yield project
    let_go(folder)


def let_go(folder: Path, *stages: str) -> None:
    for stage in stages or ("cast", "brew"):
        (folder / f"{stage}.go").touch()


def test_disjoint_runs_both_do_their_work_and_overlap_is_refused(film: Project) -> None:
    monday = Running(film, "all_greet", "--run-id", "monday")
    wait_for(film.folder / "cast.begun")
    tuesday = Running(film, "all_brew", "--run-id", "tuesday")
    wait_for(film.folder / "brew.begun")
    film.snakemake("all_write_note")
    assert film.load("note") == {"text": "hello"}

    # What is known only when the fan-out has run is claimed as well.
    said = film.snakemake("all_greet", status=1)
    assert "run monday (process " in said and "is making cast.members" in said
    assert "run tuesday (process " in film.snakemake("all_brew", status=1)
    assert "run monday" in film.snakemake(status=1)
    assert "never built" in film.snakemake("-n"), "a dry run is free to look"
    assert "monday" in (runs := film.cineforge("runs", "--directory", str(film.folder)))
    assert runs.count("running") == 2

    let_go(film.folder)
    monday.end()
    tuesday.end()
    assert "Nothing to be done" in film.snakemake()
    assert film.versions() == {
        "actor/ann": [1],
        "actor/bob": [1],
        "cast.members/_": [1],
        "greeting/ann": [1],
        "greeting/bob": [1],
        "note/_": [1],
        "project_config/_": [1],
        "tea/_": [1],
    }
    film.cineforge("verify", "--directory", str(film.folder))


def test_of_runs_that_start_together_one_does_the_work(film: Project) -> None:
    let_go(film.folder)
    runs = {name: Running(film, "--run-id", name) for name in ("monday", "tuesday", "friday")}
    ended = {name: run.process.end() for name, run in runs.items()}
    assert any(status == 0 for status, _ in ended.values()), ended
    assert all("Traceback" not in said for _, said in ended.values()), ended
    assert "Nothing to be done" in film.snakemake()
    assert all(numbers == [1] for numbers in film.versions().values())
    assert film.module_calls() == {"cast": 1, "brew": 1, "greet": 2, "write_note": 1}


def test_a_person_may_make_a_member_while_its_fan_out_runs(film: Project) -> None:
    run = Running(film, "all_greet")
    wait_for(film.folder / "cast.begun")
    mine = film.folder / "mine.json"
    mine.write_text('"Anna"')
    film.cineforge("put", "actor", "ann", str(mine), "--directory", str(film.folder))
    let_go(film.folder)
    assert "actor/ann: held" in run.end()
    assert film.load("actor", "ann") == "Anna"
    assert film.versions()["greeting/ann"] == [1]
    assert "Nothing to be done" in film.snakemake("all_greet")


def test_what_a_run_has_paid_for_outlives_the_loss_of_all_that_is_disposable(film: Project) -> None:
    place = ("--directory", str(film.folder))
    monday = Running(film, "--run-id", "monday")
    wait_for(film.folder / "cast.begun")
    wait_for(film.folder / "brew.begun")
    shutil.rmtree(film.folder / ".cineforge")

    # The run still has its numbers and its claims, and what it has staged is left alone.
    mine = film.folder / "mine.json"
    mine.write_text('"Ceylon"')
    film.cineforge("put", "tea", str(mine), *place)
    assert "run monday (process " in film.snakemake("all_greet", status=1)
    shutil.rmtree(film.folder / ".cineforge")
    film.cineforge("reindex", *place)
    let_go(film.folder)
    said = monday.end()

    assert "tea@1 was published, but is superseded by tea@2" in said
    assert film.load("tea") == "Ceylon"
    assert film.versions()["tea/_"] == [1, 2]
    assert film.versions()["greeting/ann"] == film.versions()["cast.members/_"] == [1]
    assert film.module_calls() == {"cast": 1, "brew": 1, "greet": 2, "write_note": 1}
    film.cineforge("verify", *place)
    assert "Nothing to be done" in film.snakemake()
    assert not [each for each in (film.folder / "artifacts").glob(".live/*/*") if each.is_dir()]


def test_what_cannot_be_published_as_somebody_copied_a_version_in_is_kept_beside(
    film: Project,
) -> None:
    film.snakemake("all_write_note")
    run = Running(film, "all_brew", "--run-id", "monday")
    wait_for(film.folder / "brew.begun")
    shutil.copytree(film.folder / "artifacts/note/_/v0001", film.folder / "artifacts/tea/_/v0001")
    let_go(film.folder)
    said = run.end(1)
    kept = film.folder / "runs" / "monday" / "unpublished" / "tea" / "_" / "data.json"
    assert "tea@1 exists and is never overwritten" in said and f"kept in {kept.parents[2]}" in said
    assert json.loads(kept.read_text()) == "Assam"
