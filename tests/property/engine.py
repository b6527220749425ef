"""A command asked of a project, and how it is carried out by Snakemake itself. `in_process.py` has the other way.

Either way `cineforge run` is what reads the command: only the process that it would start is another one.
"""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from unittest import mock

from cineforge.bridge.request.run_options import RUN_ID, RunOptions, new_run_id
from cineforge.commands import main
from cineforge.history.run_files import read_events
from cineforge.model.records.run_events import JobFinished
from tests.e2e import warm
from tests.property.recipes import FIRST, WHOLE

SNAKEFILE = Path(__file__).resolve().parents[2] / "Snakefile"


@dataclass(frozen=True)
class Command:
    """What is asked of a run. `order` seeds the order of its jobs, where somebody chooses it.

    With `native`, Snakemake itself is asked: it knows `all`, `all_<stage>` and `current/` paths. `budget` is what a run
    may pay, in US dollars.
    """

    targets: tuple[str, ...] = ("all",)
    forcerun: tuple[str, ...] = ()
    force: bool = False
    start_from: str | None = None
    until: tuple[str, ...] = ()
    omit_from: tuple[str, ...] = ()
    triggers: tuple[str, ...] = ()
    stale: bool = False
    recipe: str = FIRST
    native: bool = False
    order: int = 0
    budget: float | None = None

    def unforced(self) -> Command:
        return replace(self, forcerun=(), force=False, order=self.order + 1)

    def words(self) -> list[str]:
        """As typed after `cineforge plan` or `cineforge run`."""
        words = [*filter(None, [self.recipe]), *self.targets]
        words += ["--force"] * self.force + ["--stale"] * self.stale
        words += ["--start-from", self.start_from] if self.start_from else []
        for option, values in (
            ("--forcerun", self.forcerun),
            ("--until", self.until),
            ("--omit-from", self.omit_from),
            ("--rerun-triggers", self.triggers),
        ):
            words += [option, *values] if values else []
        return words


@dataclass(frozen=True)
class Outcome:
    """How a run ended: what failed for good, and why it was refused, if it was."""

    failed: frozenset[str] = frozenset()
    refused: str = ""


Engine = Callable[[Path, Command], Outcome]
#: Snakemake's part: its arguments and its environment, to how the run ended.
Play = Callable[[list[str], Mapping[str, str]], Outcome]


def run_by_snakemake(folder: Path, command: Command) -> Outcome:
    """Through a Snakemake process."""

    def snakemake(arguments: list[str], environment: Mapping[str, str]) -> Outcome:
        done = warm.run(
            "snakemake", *arguments, cwd=folder, env=environment, stderr=subprocess.STDOUT
        )
        assert "Traceback" not in done.stdout, done.stdout
        failed = failed_in(folder / "runs" / environment[RUN_ID])
        assert done.returncode or not failed, done.stdout
        return Outcome(failed, done.stdout if done.returncode and not failed else "")

    return carried_out(folder, command, snakemake)


def carried_out(folder: Path, command: Command, play: Play) -> Outcome:
    """Ask `cineforge run`, or Snakemake, and play the part of the Snakemake process that is then started."""
    if command.native:
        options = RunOptions(
            new_run_id(), start_from=command.start_from, budget=command.budget
        ).environment()
        return play(_native(folder, command), {**os.environ, **options})
    outcomes: list[Outcome] = []

    def instead(arguments: list[str], environment: Mapping[str, str], **_: bool) -> int:
        outcomes.append(play(arguments, {**os.environ, **environment}))
        return int(outcomes[0] != Outcome())

    words = ["run", *command.words(), "--directory", str(folder), "--keep-going", "-c2"]
    words += [] if command.budget is None else ["--budget", str(command.budget)]
    said = io.StringIO()
    with (
        mock.patch("cineforge.commands.shared.run_process.run_to_the_end", instead),
        contextlib.redirect_stdout(said),
        contextlib.redirect_stderr(said),
    ):
        status = main.main(words)
    if outcomes:
        return outcomes[0]
    return Outcome(refused=said.getvalue()) if status else Outcome()


def _native(folder: Path, command: Command) -> list[str]:
    """The words for Snakemake itself, as for `cineforge run` but for those that it does not know."""
    words = replace(command, start_from=None, recipe=WHOLE).words()
    words += ["--snakefile", str(SNAKEFILE), "--directory", str(folder), "--keep-going", "-c2"]
    if command.recipe == WHOLE:
        return words
    return [*words, "--config", f"recipe={folder / 'recipes' / command.recipe}.yaml"]


def failed_in(run: Path) -> frozenset[str]:
    """The instances whose last attempt failed."""
    last: dict[str, str] = {}
    for event in read_events(run) if run.is_dir() else ():
        if isinstance(event, JobFinished):
            last[event.stage if event.entity is None else f"{event.stage}/{event.entity}"] = (
                event.error
            )
    return frozenset(label for label, error in last.items() if error)
