"""Jobs in other processes: started twice, or left alone by a run that was killed, they do their work once."""

from __future__ import annotations

import shlex
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.patience import PATIENCE

from .conftest import BIN, ROOT, Project
from .test_two_runs import WAITING
from .test_when_things_go_wrong import wait_for
from .workshop import write_module, write_recipe

pytestmark = pytest.mark.e2e

SUBMIT_TWICE = 'for one in 1 2; do setsid bash "$1" >> {log} 2>&1 & done; echo $!'


@pytest.fixture
def film(project: Project) -> Project:
    """`brew` says when it begins, and waits to be let go."""
    (folder := project.folder).mkdir()
    code = WAITING.format(
        project=str(folder), stage="brew", outputs="{'tea': Output(data='Assam')}"
    )
    write_module(folder, "brew_v1", {"stage": "brew", "outputs": [{"type": "tea"}]}, code)
    write_recipe(folder, [{"id": "brew", "module": "brew_v1"}])
    return project


def submitted(project: Project) -> subprocess.Popen[bytes]:
    """A run in the background whose every job is started twice."""
    submit = project.folder / "submit.sh"
    log = shlex.quote(str(project.folder / "jobs.log"))
    submit.write_text(SUBMIT_TWICE.format(log=log), encoding="utf-8")
    command = [str(BIN / "snakemake"), "-s", str(ROOT / "Snakefile")]
    command += ["--directory", str(project.folder), "--executor=cluster-generic", "--jobs=1"]
    command += [f"--cluster-generic-submit-cmd=bash {shlex.quote(str(submit))}"]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def until_said(log: Path, *words: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not all(word in log.read_text() for word in words):
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)


def test_a_job_left_alone_is_done_once_and_makes_others_wait(film: Project) -> None:
    run, log = submitted(film), film.folder / "jobs.log"
    wait_for(film.folder / "brew.begun")
    until_said(log, "another process is running this very job")
    run.send_signal(signal.SIGKILL)
    run.wait()

    said = film.snakemake(status=1)
    assert "job brew of run run-" in said and "is making tea" in said

    (film.folder / "brew.go").touch()
    until_said(log, "an earlier attempt has published tea@1")
    claims = film.folder / "artifacts" / ".live" / "claims"
    while [each for each in claims.iterdir() if ":" in each.name]:
        time.sleep(0.05)
    assert "Nothing to be done" in film.snakemake()
    assert film.versions() == {"project_config/_": [1], "tea/_": [1]}
    assert film.module_calls() == {"brew": 1}
