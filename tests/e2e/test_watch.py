"""`cineforge watch` follows a run of another process, however that ends."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
from typing import Any

import pytest

from tests.patience import PATIENCE

from .conftest import BIN, Project
from .test_stopped_runs import Running, bees, cineforge

pytestmark = pytest.mark.e2e

__all__ = ["bees"]


def watch(project: Project, *words: str, out: int = subprocess.PIPE) -> subprocess.Popen[str]:
    command = [str(BIN / "cineforge"), "watch", *words, "--directory", str(project.folder)]
    return subprocess.Popen(command, stdout=out, stderr=subprocess.PIPE, text=True)


def test_it_tells_each_event_as_it_comes_and_ends_with_the_run(bees: Project) -> None:
    run = Running(bees, *cineforge(bees))
    pids = run.at_work()
    watching = watch(bees, "--json")
    assert watching.stdout is not None
    told: list[dict[str, Any]] = []
    while not told or told[-1]["type"] != "job_finished" or told[-1]["stage"] != "shout":
        told.append(json.loads(watching.stdout.readline()))
    assert watching.poll() is None, "the bee is still at work"
    (bees.folder / "go").touch()
    told += [json.loads(line) for line in watching.stdout]
    assert run.ended(*pids) == 0
    assert watching.wait(timeout=PATIENCE) == 0
    assert [event["seq"] for event in told] == list(range(1, len(told) + 1))
    assert (told[-1]["type"], told[-1]["status"]) == ("run_finished", "done")


def test_a_run_whose_process_is_killed_is_told_as_dead(bees: Project) -> None:
    run = Running(bees, *cineforge(bees), "--run-id", "monday")
    pids = run.at_work()
    watching = watch(bees, "monday")
    assert watching.stdout is not None
    assert watching.stdout.readline() == "run monday of recipe made\n"
    os.killpg(run.process.pid, signal.SIGKILL)
    out = watching.stdout.read()
    run.ended(*pids)
    assert watching.wait(timeout=PATIENCE) == 130
    assert watching.stderr is not None
    said = watching.stderr.read()
    assert "the process of run monday is gone without having ended the run" in said
    assert "run monday is interrupted: 3 built" in out
    assert not (bees.folder / "runs" / "monday" / "live").exists()
    done = watch(bees, "--json")
    assert done.wait(timeout=PATIENCE) == 2
    assert done.stderr is not None
    assert "no run is going on in this project" in done.stderr.read()


def test_what_has_ended_is_told_again_with_how_it_ended(done_echo: Project) -> None:
    (run_id,) = [each.name for each in (done_echo.folder / "runs").iterdir()]
    said = watch(done_echo, run_id)
    out, _ = said.communicate(timeout=PATIENCE)
    assert said.returncode == 0
    assert out.startswith(f"run {run_id} of recipe echo\n")
    assert f"run {run_id} is done" in out
    wrong = watch(done_echo, run_id[:-1] + "x")
    assert f"did you mean '{run_id}'?" in wrong.communicate(timeout=PATIENCE)[1]
    assert wrong.returncode == 2


def test_on_a_terminal_it_is_the_live_view(bees: Project) -> None:
    run = Running(bees, *cineforge(bees))
    pids = run.at_work()
    ours, theirs = pty.openpty()
    watching = watch(bees, out=theirs)
    os.close(theirs)
    shown = b""
    while "━".encode() not in shown:
        shown += os.read(ours, 4096)
    (bees.folder / "go").touch()
    while True:
        try:
            some = os.read(ours, 4096)
        except OSError:  # the other end is closed
            break
        if not some:
            break
        shown += some
    os.close(ours)
    assert watching.wait(timeout=PATIENCE) == 0
    assert run.ended(*pids) == 0
    assert b"shout" in shown
    assert b"is done" in shown
