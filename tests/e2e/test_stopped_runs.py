"""However a run is stopped, the next command just works, and does only what is left."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.patience import PATIENCE

from .conftest import BIN, ROOT, Project
from .workshop import write_module, write_recipe

pytestmark = pytest.mark.e2e

SPLIT = """
def run_module(inputs, params, project_config, context):
    return ModuleResult(outputs={"word": {word: Output(data=word) for word in ("ant", "bee", "cat")}})
"""
#: The bee starts a program, says so, and waits to be let go.
SHOUT = """
import subprocess

def run_module(inputs, params, project_config, context):
    here = Path(%r)
    if context.entity_id == "bee":
        child = subprocess.Popen(["sleep", "600"])
        (here / "pids.new").write_text(f"{os.getpid()} {child.pid}")
        (here / "pids.new").rename(here / "pids")
        while not (here / "go").exists(): time.sleep(0.05)
        child.kill()
    return ModuleResult(outputs={"shout": Output(data=inputs["word"].data.upper())})
"""


@pytest.fixture
def bees(project: Project) -> Project:
    """Three words to shout, one of which takes for ever."""
    project.folder.mkdir()
    manifest = {"stage": "split", "outputs": [{"type": "word", "many": True}]}
    write_module(project.folder, "split_v1", manifest, SPLIT)
    shout = {
        "stage": "shout",
        "inputs": {"word": {"type": "word"}},
        "outputs": [{"type": "shout"}],
    }
    write_module(project.folder, "shout_v1", shout, SHOUT % str(project.folder))
    write_recipe(
        project.folder,
        [
            {"id": "split", "module": "split_v1"},
            {"id": "shout", "module": "shout_v1", "needs": ["split"], "for_each": "word"},
        ],
    )
    return project


class Running:
    """A run of a project, started at the head of a session of its own, as in a terminal."""

    def __init__(
        self,
        project: Project,
        *command: str,
        terminal: int | None = None,
        hangup: signal.Handlers = signal.SIG_DFL,
    ) -> None:
        self.project = project
        self.output = project.folder.parent / "output"
        for name in ("pids", "go"):
            (project.folder / name).unlink(missing_ok=True)
        with self.output.open("wb") as file:
            out = file.fileno() if terminal is None else terminal
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                stdin=terminal,
                stdout=out,
                stderr=out,
                start_new_session=True,
                # Tests that run in the background, or under nohup, would hand on what they ignore.
                preexec_fn=lambda: (
                    signal.signal(signal.SIGINT, signal.SIG_DFL),
                    signal.signal(signal.SIGHUP, hangup),
                ),
            )

    def when(self, appears: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not appears():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.02)

    def at_work(self) -> list[int]:
        """Once all but the bee is done: the pids of its worker and of the program that this started."""
        shouts = self.project.folder / "artifacts" / "shout"
        self.when((self.project.folder / "pids").exists)
        self.when(lambda: all((shouts / word / "v0001").is_dir() for word in ("ant", "cat")))
        return [int(pid) for pid in (self.project.folder / "pids").read_text().split()]

    def said(self) -> str:
        return self.output.read_text(encoding="utf-8", errors="replace")

    def ended(self, *pids: int) -> int:
        """The exit status, once the run and everything that it had started are gone."""
        status = self.process.wait(timeout=PATIENCE)
        deadline = time.monotonic() + PATIENCE
        while left := self._left(pids):
            assert time.monotonic() < deadline, left
            time.sleep(0.05)
        assert "Traceback" not in self.said()
        return status

    def _left(self, pids: tuple[int, ...]) -> list[str]:
        found = [str(pid) for pid in pids if is_alive(Path(f"/proc/{pid}"))]
        for process in Path("/proc").glob("[0-9]*"):
            try:
                command = (process / "cmdline").read_bytes()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if os.fsencode(self.project.folder) in command and is_alive(process):
                found.append(f"{process.name}: {command!r}")
        return found


def is_alive(process: Path) -> bool:
    try:
        return (process / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def snakemake(project: Project) -> list[str]:
    command = [str(BIN / "snakemake"), "-s", str(ROOT / "Snakefile"), "-c2"]
    return [*command, "--directory", str(project.folder)]


def cineforge(project: Project) -> list[str]:
    return [str(BIN / "cineforge"), "run", "made", "-c2", "--directory", str(project.folder)]


def test_after_every_way_to_stop_a_run_the_next_one_goes_on_where_it_was(bees: Project) -> None:
    def stop(command: list[str], *signals: int, group: bool = False) -> int:
        run = Running(bees, *command)
        pids = run.at_work()
        for number in signals:
            send = os.killpg if group else os.kill
            send(run.process.pid, number)
            if (
                number == signal.SIGTERM
            ):  # a second one that comes before the first was seen is none
                run.when(lambda: "Will exit after finishing" in run.said())
            else:
                time.sleep(0.2)
        return run.ended(*pids)

    assert stop(snakemake(bees), signal.SIGINT) == 1
    assert stop(snakemake(bees), signal.SIGTERM, signal.SIGTERM) == 1
    assert stop(snakemake(bees), signal.SIGKILL) == -signal.SIGKILL
    assert stop(cineforge(bees), *[signal.SIGINT] * 3, group=True) != 0
    assert stop(cineforge(bees), signal.SIGKILL) == -signal.SIGKILL

    ours, theirs = pty.openpty()
    run = Running(bees, *cineforge(bees), terminal=theirs)
    os.close(theirs)
    pids = run.at_work()
    os.close(ours)
    os.killpg(run.process.pid, signal.SIGHUP)  # as the kernel does for the session's leader
    run.ended(*pids)

    # SIGTERM is asked in good time: what is at work is finished and published.
    run = Running(bees, *cineforge(bees))
    child = run.at_work()[1]
    run.process.send_signal(signal.SIGTERM)
    time.sleep(0.5)
    (bees.folder / "go").touch()
    run.ended(child)
    assert "shout/bee" in bees.versions()

    assert bees.versions() == {
        "project_config/_": [1],
        "split.members/_": [1],
        "word/ant": [1],
        "word/bee": [1],
        "word/cat": [1],
        "shout/ant": [1],
        "shout/bee": bees.versions()["shout/bee"],
        "shout/cat": [1],
    }
    assert bees.module_calls() == {"split": 1, "shout": 2 + 7}
    assert "Nothing to be done" in bees.snakemake()
    assert "is running" not in bees.cineforge("runs", "--directory", str(bees.folder))


def test_a_command_that_is_killed_under_nohup_takes_its_run_along(bees: Project) -> None:
    run = Running(bees, *cineforge(bees), hangup=signal.SIG_IGN)
    pids = run.at_work()
    run.process.kill()
    assert run.ended(*pids) == -signal.SIGKILL


def test_ctrl_c_while_the_work_is_being_planned_is_quiet(bees: Project) -> None:
    run = Running(bees, *snakemake(bees))
    run.when((bees.folder / ".cineforge" / "compiled").is_dir)
    os.killpg(run.process.pid, signal.SIGINT)
    assert run.ended() != 0


def test_what_a_killed_batch_had_published_stays_and_only_the_rest_is_done(bees: Project) -> None:
    recipe = bees.folder / "recipes" / "made.yaml"
    recipe.write_text(recipe.read_text().replace("for_each: word", "for_each: word\n  batch: 3"))
    run = Running(bees, *snakemake(bees))
    run.when((bees.folder / "pids").exists)
    pids = [int(pid) for pid in (bees.folder / "pids").read_text().split()]
    os.kill(run.process.pid, signal.SIGKILL)
    assert run.ended(*pids) == -signal.SIGKILL
    shouts = bees.folder / "artifacts" / "shout"
    assert [(shouts / word / "v0001").is_dir() for word in ("ant", "bee", "cat")] == [1, 0, 0]
    (bees.folder / "go").touch()
    said = bees.snakemake("-c2")
    assert "shout/bee and 1 more: never built" in said
    assert "3 of 3 steps (100%) done" in said, "two shouts, and all"
    assert bees.snakemake("-n").count("Nothing to be done") == 1
