"""Real snakemake runs killed by kill -9 at random instants."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import yaml

from tests.torture.children import BIN, ROOT, run_command, snakemake
from tests.torture.trials import Bench, Trials
from tests.torture.truth import Truth, versions

#: So long a forced run of the echo recipe takes at most, in seconds; kills are spread over it.
_LONGEST_RUN = 8.0
_FINISH_EVERY = 5


def kills_in_runs(bench: Bench, count: int) -> Trials:
    """Forced runs of the echo recipe, killed: the whole group or the main process alone.

    After each, `status` and `verify` must do; after each fifth a plain run finishes the work and finds no more.
    """
    trials = Trials("kill -9 at random instants of snakemake runs")
    return _killed(bench, trials, count, _echo(bench.folder / "film"))


def kills_in_batches(bench: Bench, count: int) -> Trials:
    """The same with sixty items, of which one job does many."""
    trials = Trials("kill -9 at random instants of runs that do many instances in one job")
    project = _echo(bench.folder / "film")
    do_in_batches(project, items=60, batch=40)
    return _killed(bench, trials, count, project)


def do_in_batches(project: Path, *, items: int, batch: int) -> None:
    """Give a project of the echo recipe so many items, and let one job do so many of them."""
    told = [f"item_{number}=word {number} #tag_{number % 5}" for number in range(items)]
    recipe = yaml.safe_load((ROOT / "recipes" / "echo.yaml").read_text("utf-8"))
    for stage in recipe["stages"]:
        if stage["id"] == "echo_source":
            stage["params"] = {"items": told}
        if "for_each" in stage and stage["id"] != "echo_parts":
            stage["batch"] = batch
    (project / "recipes").mkdir(exist_ok=True)
    (project / "recipes" / "echo.yaml").write_text(yaml.safe_dump(recipe), encoding="utf-8")


def _echo(project: Path) -> Path:
    assert run_command(["cineforge", "init", str(project), "--recipe", "echo"]).status == 0
    return project


def _killed(bench: Bench, trials: Trials, count: int, project: Path) -> Trials:
    truth = Truth(project)
    longest = _LONGEST_RUN
    killed = 0
    for round_ in range(count):
        before = versions(project)
        whole_group = bench.luck.random() < 0.5
        began = time.monotonic()
        ended = _run_and_kill(project, bench.luck.uniform(0.2, longest), whole_group)
        if ended == 0:
            longest = min(longest, time.monotonic() - began)
        killed += ended != 0
        after = versions(project)
        losses = [f"{name} changed" for name, raw in before.items() if after.get(name) != raw]
        if ended not in (0, -signal.SIGKILL):
            losses.append(f"the run ended with status {ended} before it was killed")
        losses += run_command(["cineforge", "status", "--directory", str(project)]).losses()
        losses += truth.losses()
        losses += run_command(["cineforge", "verify", "--directory", str(project)]).losses()
        if round_ % _FINISH_EVERY == _FINISH_EVERY - 1 or round_ == count - 1:
            losses += finish(project)
        trials.record(f"run {round_}", losses)
    trials.losses += truth.everything()
    trials.note = f"{killed} died before their end, {len(versions(project)) // 2} versions"
    return trials


def _run_and_kill(project: Path, after: float, whole_group: bool) -> int:
    """The exit status of a forced run: 0 when it ended before the kill."""
    words = snakemake(project, "-c2", "-F")
    run = subprocess.Popen(
        [str(BIN / words[0]), *words[1:]],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        return run.wait(after)
    except subprocess.TimeoutExpired:
        if whole_group:
            os.killpg(run.pid, signal.SIGKILL)
        else:
            run.kill()
        return run.wait()


def finish(project: Path) -> list[str]:
    finished = run_command(snakemake(project, "-c2"))
    again = run_command(snakemake(project, "-n"))
    losses = finished.losses() + again.losses()
    if not losses and "Nothing to be done" not in again.output:
        losses.append(f"after a finished run there is work left: {again.output.strip()}")
    return losses
