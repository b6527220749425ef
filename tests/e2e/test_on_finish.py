"""A command hears how a run ended, however it ended, and changes nothing about that."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from cineforge.recipes.share import share_root

from .conftest import ROOT, Project
from .test_stopped_runs import Running, bees, cineforge, snakemake
from .workshop import write_module, write_recipe

pytestmark = pytest.mark.e2e

__all__ = ["bees"]

SCHEMA = json.loads((share_root() / "schemas" / "run_summary.schema.json").read_text())
HEAR = """
import os, pathlib, sys
heard = pathlib.Path(sys.argv[1])
with heard.open("a") as file:
    file.write(sys.stdin.read() + "\\0")
pathlib.Path(str(heard) + ".words").write_text(repr((sys.argv[2:], os.getcwd())))
"""


class Ear:
    """A program that writes down what it hears, and how it was started."""

    def __init__(self, folder: Path) -> None:
        self.program = folder / "hear me.py"
        self.program.write_text(HEAR)
        self.heard = folder / "heard"

    def words(self, *more: str) -> list[str]:
        return [sys.executable, str(self.program), str(self.heard), *more]

    @property
    def typed(self) -> str:
        return f"{sys.executable} '{self.program}' {self.heard}"

    def summaries(self) -> list[dict[str, Any]]:
        if not self.heard.exists():
            return []
        found = [json.loads(each) for each in self.heard.read_text().split("\0") if each]
        for each in found:
            jsonschema.validate(each, SCHEMA)
        return found

    def started_with(self) -> tuple[list[str], str]:
        words: tuple[list[str], str] = eval(Path(f"{self.heard}.words").read_text())
        return words


@pytest.fixture
def ear(tmp_path: Path) -> Ear:
    return Ear(tmp_path)


def configure(project: Project, on_finish: Any) -> None:
    path = project.folder / "config.yaml"
    path.write_text(f"{path.read_text()}\non_finish: {json.dumps(on_finish)}\n")


def test_the_summary_tells_what_was_done_and_what_is_stale(echo: Project, ear: Ear) -> None:
    folder = ["--directory", str(echo.folder)]
    echo.cineforge("run", "echo", "--on-finish", ear.typed, *folder)
    (first,) = ear.summaries()
    assert (first["status"], first["failed"], first["stale"]) == ("done", [], [])
    assert set(first["done"]) == {
        f"{path.parts[-3]}/{path.parts[-2]}@1".replace("/_@", "@")
        for path in echo.folder.glob("artifacts/*/*/v0001")
        if path.parts[-3] != "project_config"
    }
    assert ear.started_with() == ([], str(ROOT))
    echo.cineforge("run", "echo", "--on-finish", ear.typed, "--dry-run", *folder)
    assert len(ear.summaries()) == 1


@pytest.mark.parametrize("by", ["cineforge", "snakemake"])
def test_the_command_in_the_configuration_hears_of_every_run(
    echo: Project, ear: Ear, by: str
) -> None:
    configure(echo, ear.words("$(touch planted)", "; touch planted", "a b"))
    if by == "snakemake":
        echo.snakemake()
    else:
        echo.cineforge("run", "echo", "--directory", str(echo.folder))
    assert [each["status"] for each in ear.summaries()] == ["done"]
    assert ear.started_with() == (["$(touch planted)", "; touch planted", "a b"], str(echo.folder))
    assert not (echo.folder / "planted").exists()


def test_a_failed_run_is_told_with_its_errors(project: Project, ear: Ear) -> None:
    project.folder.mkdir()
    code = 'def run_module(i, p, c, x):\n    raise ValueError("no; `touch x` <b>")\n'
    write_module(project.folder, "split_v1", {"stage": "split", "outputs": [{"type": "w"}]}, code)
    write_recipe(project.folder, [{"id": "split", "module": "split_v1"}])
    run = ["run", "made", "--directory", str(project.folder)]
    project.cineforge(*run, "--on-finish", ear.typed, status=1)
    (summary,) = ear.summaries()
    assert summary["status"] == "failed"
    (failed,) = summary["failed"]
    assert failed["instance"] == "split"
    assert "no; `touch x` <b>" in failed["error"]
    assert (project.folder / failed["log"]).is_file()


def test_an_interrupted_run_is_told_and_so_is_one_whose_process_was_killed(
    bees: Project, ear: Ear
) -> None:
    for count, number in enumerate((signal.SIGINT, signal.SIGTERM), 1):
        run = Running(bees, *cineforge(bees), "--on-finish", ear.typed)
        pids = run.at_work()
        os.killpg(run.process.pid, number)
        # By the first SIGTERM what is at work would be finished; one that comes before that was seen is none.
        while number == signal.SIGTERM and run.process.poll() is None:
            time.sleep(0.5)
            os.killpg(run.process.pid, number)
        run.ended(*pids)
        assert [each["status"] for each in ear.summaries()] == ["interrupted"] * count, run.said()
    run = Running(bees, *cineforge(bees), "--on-finish", ear.typed)
    pids = run.at_work()
    (child,) = Path(f"/proc/{run.process.pid}/task/{run.process.pid}/children").read_text().split()
    os.kill(int(child), signal.SIGKILL)
    run.ended(*pids)
    assert [each["status"] for each in ear.summaries()] == ["interrupted"] * 3, run.said()
    assert "is interrupted: " in run.said()
    configure(bees, ear.words())
    run = Running(bees, *snakemake(bees))
    pids = run.at_work()
    os.killpg(run.process.pid, signal.SIGINT)
    run.ended(*pids)
    assert [each["status"] for each in ear.summaries()] == ["interrupted"] * 4


def test_what_becomes_of_the_command_is_told_and_changes_nothing(
    echo: Project,
) -> None:
    run = ["run", "echo", "--directory", str(echo.folder)]
    said = echo.cineforge(*run, "--on-finish", "no-such-program -x")
    assert "on_finish: 'no-such-program -x' could not be run" in said
    failing = f"{sys.executable} -c 'import sys; sys.exit(3)'"
    assert "ended with status 3" in echo.cineforge(*run, "--on-finish", failing)
    deaf = f"{sys.executable} -c pass"
    assert "on_finish" not in echo.cineforge(*run, "--on-finish", deaf)
    assert "Traceback" not in said


def test_what_is_no_command_is_refused_before_the_run(echo: Project) -> None:
    run = ["run", "echo", "--directory", str(echo.folder)]
    assert "No closing quotation" in echo.cineforge(*run, "--on-finish", "say 'it", status=1)
    assert "there is no command" in echo.cineforge(*run, "--on-finish", "", status=1)
    given = echo.cineforge(*run, "--config", "on_finish=3", status=1)
    assert "--config on_finish: write a command" in given
    configure(echo, {"say": "it"})
    wrong = "config.yaml: on_finish: write a command, as text or as a list of its words"
    assert wrong in echo.cineforge(*run, status=1)
    assert wrong in echo.snakemake(status=1)
    assert not list((echo.folder / "runs").glob("*"))
