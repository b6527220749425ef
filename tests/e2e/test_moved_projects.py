"""A project that is moved while a run begins: the run ends and says why, and the next, where it is now, completes."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from tests.patience import PATIENCE

from . import warm
from .conftest import ROOT, Project

pytestmark = pytest.mark.e2e

#: By moment, what appears in the project just then.
MOMENTS = {
    "the workflow is compiled": ".cineforge/compiled/*.smk",
    "the index is made": ".cineforge/index.sqlite",
    "the run claims its work": "artifacts/.live/claims/r1",
    "the run's record begins": "runs/r1/pipeline_events.jsonl",
    "the first module is called": "runs/r1/logs/*.log",
    "the first version is published": "artifacts/*/*/v0001",
    "the second module is called": "runs/r1/logs/echo_mirror*.log",
}


def command(film: Project) -> list[str]:
    words = ["run", "echo", "-c1", "--run-id", "r1", "--directory", str(film.folder)]
    return ["cineforge", *words]


def long_folder(parent: Path) -> dict[str, str]:
    """An environment with a temporary folder whose name leaves no room for a socket's."""
    folder = parent / ("x" * 100) / ("y" * 100)
    folder.mkdir(parents=True)
    return {**os.environ, "TMPDIR": str(folder)}


def run_and_move(
    film: Project, moment: str, home: Path, environment: dict[str, str] | None = None
) -> tuple[int, str]:
    """The exit status of a run whose project is moved when something appears in it, and what it printed."""
    run = warm.Started(*command(film), cwd=ROOT, env=environment)
    deadline = time.monotonic() + PATIENCE
    while not any(film.folder.glob(moment)) and run.poll() is None:
        assert time.monotonic() < deadline, "nothing happens"
        time.sleep(0.001)
    film.folder.rename(home)
    return run.end()


@pytest.mark.parametrize("moment", MOMENTS.values(), ids=MOMENTS.keys())
def test_a_run_whose_project_is_moved_ends_and_the_next_one_completes(
    echo: Project, moment: str
) -> None:
    home = echo.folder.with_name("elsewhere")
    status, said = run_and_move(echo, moment, home)
    require_told(status, said, echo)
    moved = Project(home)
    before = moved.published()
    moved.snakemake("-c1")
    assert "Nothing to be done" in moved.snakemake("-n")
    assert before.items() <= moved.published().items()
    moved.cineforge("verify", "--directory", str(home))


def test_nor_does_it_hang_where_the_temporary_folder_has_a_very_long_name(
    echo: Project, tmp_path: Path
) -> None:
    moment = MOMENTS["the run's record begins"]
    status, said = run_and_move(echo, moment, tmp_path / "elsewhere", long_folder(tmp_path))
    require_told(status, said, echo)


def test_a_run_completes_where_the_temporary_folder_has_a_very_long_name(
    echo: Project, tmp_path: Path
) -> None:
    done = warm.run(*command(echo), cwd=ROOT, env=long_folder(tmp_path), timeout=PATIENCE)
    assert done.returncode == 0, done.stderr


def require_told(status: int, said: str, film: Project) -> None:
    """Without a traceback, and with the cause; who came too late to disturb the run finds all done."""
    assert "Traceback" not in said, said
    assert status == 0 or str(film.folder) in said or "moved" in said, said
