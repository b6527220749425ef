"""What a command loads before it answers: nothing that its answer does not need."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from cineforge import Project
from tests.e2e.workshop import NOTE, NOTE_CODE, write_module, write_recipe

#: Runs a command, and prints the modules that it has loaded as the last line.
RUN = """
import json, sys
from cineforge.commands.main import main
status = main(sys.argv[1:])
print()
print(json.dumps([status, *sys.modules]))
"""
#: What runs modules and workflows.
RUNNING = ("snakemake", "pebble", "multiprocessing", "asyncio", "cineforge.running.workers.pool")
RECIPES = ("yaml", "jsonschema", "cineforge.recipes", "cineforge.deciding", "cineforge.history")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose one note a person wrote."""
    folder = tmp_path_factory.mktemp("film")
    write_module(folder, "note_v1", NOTE, NOTE_CODE)
    write_recipe(folder, [{"id": "write_note", "module": "note_v1"}])
    with Project(folder) as film:
        film.put("note", {"text": "mine"})
    return folder


def loaded(project: Path, *command: str) -> set[str]:
    """The modules that a command loads; it has to answer."""
    ran = subprocess.run(
        [sys.executable, "-c", RUN, *command], cwd=project, capture_output=True, text=True
    )
    status, *names = json.loads(ran.stdout.splitlines()[-1])
    assert status in (0, 1), ran.stdout + ran.stderr
    return set(names)


def within(names: set[str], packages: tuple[str, ...]) -> set[str]:
    return {
        name
        for name in names
        for package in packages
        if name == package or name.startswith(f"{package}.")
    }


def test_the_overview_loads_no_store_and_no_library(project: Path) -> None:
    names = loaded(project, "--help")
    assert within(names, (*RUNNING, *RECIPES, "pydantic", "sqlite3", "cineforge.store")) == set()


def test_a_status_without_a_plan_loads_neither_recipes_nor_decisions(project: Path) -> None:
    assert within(loaded(project, "status", "--no-plan"), (*RUNNING, *RECIPES)) == set()


@pytest.mark.slow
@pytest.mark.parametrize(
    "command", [("why", "note"), ("plan", "made"), ("status",)], ids=["why", "plan", "status"]
)
def test_what_decides_loads_nothing_that_runs(project: Path, command: tuple[str, ...]) -> None:
    names = loaded(project, *command)
    assert within(names, RUNNING) == set()
    assert "cineforge.deciding.decide" in names
