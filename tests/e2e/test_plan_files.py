"""Plan, look, apply: a run that does just what a plan in a file says, or refuses and says what changed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cineforge.commands.main import main

from .conftest import Project
from .workshop import write_module, write_recipe

CAST: dict[str, Any] = {
    "stage": "cast",
    "pure": True,
    "outputs": [{"type": "actor", "many": True}],
    "parameters": {
        "type": "object",
        "properties": {
            "names": {"type": "string", "format": "source-file"},
            "api_key": {"type": "string", "default": ""},
            "note": {"type": "string", "default": ""},
        },
    },
}
CAST_CODE = """
def run_module(inputs, params, project_config, context):
    names = context.source("names").read_text().split()
    return ModuleResult(outputs={"actor": {name: Output(data=name) for name in names}})
"""
DRAW: dict[str, Any] = {"stage": "draw", "inputs": {"actor": {"type": "actor"}}}
DRAW |= {"outputs": [{"type": "picture"}], "estimate": {"usd": 0.25}}
DRAW_CODE = """
def run_module(inputs, params, project_config, context):
    context.record_cost(model="mock", estimated_cost_usd=0.25)
    return ModuleResult(outputs={"picture": Output(data=inputs.one("actor").data)})
"""


@dataclass
class Film:
    """A project of two actors and their pictures; commands in this process, but for runs that begin."""

    project: Project
    ask: Callable[..., tuple[int, str]]

    @property
    def folder(self) -> Path:
        return self.project.folder

    @property
    def file(self) -> Path:
        return self.folder.parent / "plan.json"

    def plan(self, *words: str) -> int:
        status, _ = self.ask("plan", "made", *words, "--out", str(self.file))
        return status

    def refused(self, *words: str) -> str:
        """What a run of the plan says that must not begin."""
        before = self.project.versions()
        status, said = self.ask("run", "--plan", str(self.file), *words)
        assert status == 1 and self.project.versions() == before, said
        return said


@pytest.fixture
def film(project: Project, capsys: pytest.CaptureFixture[str]) -> Film:
    folder = project.folder
    write_module(folder, "cast_v1", CAST, CAST_CODE)
    write_module(folder, "draw_v1", DRAW, DRAW_CODE)
    draw = {"id": "draw", "module": "draw_v1", "needs": ["cast"], "for_each": "actor"}
    cast = {"id": "cast", "module": "cast_v1", "params": {"names": "names.txt"}}
    write_recipe(folder, [cast, draw])
    (folder / "names.txt").write_text("ann bob")

    def ask(*words: str) -> tuple[int, str]:
        capsys.readouterr()
        status = main([*words, "--directory", str(folder)])
        said = capsys.readouterr()
        return status, said.out + said.err

    return Film(project, ask)


@pytest.mark.e2e
def test_a_run_does_what_was_planned_and_looked_at(film: Film) -> None:
    assert film.plan() == 1
    planned = json.loads(film.file.read_text())["report"]
    assert planned["forecast"]["usd"] == {"low": 0.5, "likely": 0.5, "high": 0.5}
    words = ("run", "--plan", str(film.file), "--run-id", "looked-at", "-c2")
    said = film.project.cineforge(*words, "--directory", str(film.folder))
    assert "3 built" in said and "cost $0.50" in said
    names = {f"draw/{name}" for name in ("ann", "bob")}
    assert {each["instance"] for each in planned["stages"][1]["build"]} == names
    told = film.refused()
    assert "draw/ann: up to date (picture/ann@1), was to be built when it was planned" in told
    assert "make the plan again, and look at it" in told
    code = film.folder / "modules/draw/draw_v1/main.py"
    code.write_text(code.read_text() + "# another\n")
    film.plan()
    assert film.ask("revise", "picture/ann", "--why", "paler")[0] == 0
    assert "draw/ann: to be built (picture/ann@1), for another reason" in film.refused()


def test_it_refuses_and_says_what_changed(film: Film) -> None:
    film.plan()
    (film.folder / "names.txt").write_text("ann cid")
    said = film.refused()
    assert "cast: source files were changed: names" in said
    assert "draw/cid: to be built, was not part of it when it was planned" in said
    assert "draw/bob: not part of it, was to be built when it was planned" in said
    (film.folder / "names.txt").write_text("ann bob")
    code = film.folder / "modules/draw/draw_v1/main.py"
    code.write_text(code.read_text() + "# another\n")
    assert "draw: its module's code was changed" in film.refused()
    film.plan()
    schema = film.folder / "schemas/artifacts/picture.schema.json"
    schema.write_text('{"type": "string"}')
    assert "draw: schemas were changed: picture" in film.refused()
    film.plan()
    put = ("put", "picture", "ann", str(film.folder / "ann.json"), "--why", "better", "--new")
    (film.folder / "ann.json").write_text('"mine"')
    assert film.ask(*put)[0] == 0
    assert "draw/ann: held (picture/ann@1), was to be built when it was planned" in film.refused()


def test_a_plan_says_what_to_run_and_nothing_else_does(film: Film) -> None:
    film.plan("draw/ann", "--force")
    written = json.loads(film.file.read_text())["request"]
    assert written["targets"] == ["draw/ann"] and written["force"]
    assert "draw/bob: the plan says what to run: leave it out" in film.refused("draw/bob")
    assert "--force: the plan says what to run" in film.refused("--force")
    assert "--config" in film.refused("--config", "story=other")
    film.file.write_text('{"format": 7}')
    assert "no plan of this version of CineForge (format:" in film.refused()
    film.file.unlink()
    assert "cannot be read (No such file or directory)" in film.refused()


def test_a_key_is_not_written_down_and_must_be_the_same(film: Film) -> None:
    cast: dict[str, Any] = {"id": "cast", "module": "cast_v1"}
    cast |= {"params": {"names": "names.txt", "api_key": "${service}"}}
    draw = {"id": "draw", "module": "draw_v1", "needs": ["cast"], "for_each": "actor"}
    write_recipe(film.folder, [cast, draw])
    key = "sk-0123456789abcdefghij"
    assert film.plan("--config", f"service={key}") == 1
    assert key not in film.file.read_text()
    assert "give it with --config service=..." in film.refused()
    assert "give it with --config service=..." in film.refused(
        "--config", "service=sk-another01234567"
    )
    (film.folder / "names.txt").write_text("ann")
    assert "source files" in film.refused("--config", f"service={key}")


@pytest.mark.e2e
def test_files_of_values_mean_the_same_to_plan_run_and_plain_snakemake(film: Film) -> None:
    cast: dict[str, Any] = {"id": "cast", "module": "cast_v1"}
    cast |= {"params": {"names": "${story}", "note": "${note}"}}
    write_recipe(film.folder, [cast])
    (film.folder / "config.yaml").write_text("recipe: made\nstory: none.txt\nnote: none\n")
    first, second = film.folder.parent / "first.yaml", film.folder.parent / "second.yaml"
    # Snakemake's own reading has numbers and a truth value here.
    first.write_text('{"story": "names.txt", "note": "other"}')
    second.write_text("note: 12:30\non: 2026-01-01\n")
    files = ("--configfile", str(first), str(second))
    assert film.plan(*files) == 1
    assert json.loads(film.file.read_text())["stages"]["cast"]["params"]["note"] == "12:30"
    said = film.project.cineforge("run", "made", *files, "--directory", str(film.folder))
    assert "cast: 2 new" in said
    assert film.plan(*files) == 0
    assert "Nothing to be done" in film.project.snakemake("-n", *files)
    told = film.project.snakemake("-n", *files, "--config", "note=no")
    assert "params changed: note" in told, told
    assert film.plan(*files, "--config", "note=no") == 1
    second.write_text("note: 12:31\n")
    assert film.plan(*files) == 1
    second.write_text("note: 12:32\n")
    assert "cast: parameters were changed: note" in film.refused()
    assert "--configfile: the plan says what to run" in film.refused(*files)
    second.write_text("note: 1\nnote: 2\n")
    wrong = f"{second}:2: note: the key 'note' is already there, in line 1"
    for command in (("plan", "made"), ("run", "made")):
        status, told = film.ask(*command, *files)
        assert status and wrong in told
    assert wrong in film.project.snakemake("-n", *files, status=1)
