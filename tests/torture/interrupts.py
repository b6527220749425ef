"""Ctrl-C at random instants of runs, as a terminal sends it: to all processes of the group."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from tests.torture.children import BIN, ROOT, run_command, snakemake
from tests.torture.runs import finish
from tests.torture.trials import Bench, Trials
from tests.torture.truth import Truth, versions

#: Far more than any run takes to end, on the busiest machine.
_PATIENCE_SECONDS = 300
#: Where Snakemake imports our part before it has read anything of the project.
_PLUGIN = "snakemake_logger_plugin_cineforge/__init__.py"
_OURS = re.compile(rf"{re.escape(str(ROOT))}/cineforge/\w+/")


def interrupts(bench: Bench, count: int) -> Trials:
    """Forced runs of `cineforge run` and of plain snakemake, in turns.

    Each ends with the status of an interrupt and a line that says so, without a traceback of ours; nothing that was
    published is another, the project is sound, and the next run does what is left.
    """
    trials = Trials("Ctrl-C at random instants of runs")
    project = bench.folder / "film"
    assert run_command(["cineforge", "init", str(project), "--recipe", "echo"]).status == 0
    truth = Truth(project)
    began = time.monotonic()
    whole = _run_and_interrupt(snakemake(project, "-c2"), _PATIENCE_SECONDS, project)
    assert whole.status == 0, whole.said
    longest = time.monotonic() - began
    statuses: Counter[int] = Counter()
    for round_ in range(count):
        plain = round_ % 2 == 1
        words = (
            snakemake(project, "-c2", "-F")
            if plain
            else ["cineforge", "run", "echo", "--force", "-c2", "--directory", str(project)]
        )
        before = versions(project)
        run = _run_and_interrupt(words, bench.luck.uniform(0.1, longest), project)
        statuses[run.status] += 1
        after = versions(project)
        losses = [f"{name} changed" for name, raw in before.items() if after.get(name) != raw]
        losses += _told(run, plain=plain)
        losses += truth.losses()
        losses += run_command(["cineforge", "verify", "--directory", str(project)]).losses()
        losses += finish(project)
        trials.record(f"{'snakemake' if plain else 'cineforge run'} {round_}", losses)
    trials.losses += truth.everything()
    ended = ", ".join(f"{number} with {status}" for status, number in sorted(statuses.items()))
    trials.note = f"they ended {ended}"
    return trials


@dataclass
class _Interrupted:
    """A run, and what stood when it was interrupted."""

    status: int
    said: str
    #: Python has its handlers. Before, the system ends the process.
    was_up: bool = True
    has_record: bool = True


def _told(run: _Interrupted, *, plain: bool) -> list[str]:
    losses = []
    # Before a command of ours, or the Snakefile, is read nothing of ours is in charge, and Python's own traceback
    # stands there: also when Snakemake is importing its plugins, of which it imports each that is installed.
    trace = run.said.partition("Traceback")[2]
    if _OURS.search(trace) and not (plain and _PLUGIN in trace):
        losses.append(f"a traceback: {run.said[-2000:]}")
    if run.status and not run.said.strip() and run.was_up:
        losses.append("it ended without a word")
    if run.status == 0 and not run.has_record:
        losses.append("it went on, although it was interrupted before it had begun its record")
    # Snakemake ends with 1 whatever stopped it; Python, when nothing has begun, by the signal itself.
    expected = (0, 1, 130, -signal.SIGINT) if plain or trace or not run.was_up else (0, 1, 130)
    if run.status not in expected:
        losses.append(f"it ended with status {run.status}: {run.said[-500:]}")
    return losses


def _run_and_interrupt(words: list[str], after: float, project: Path) -> _Interrupted:
    before = _records(project)
    with subprocess.Popen(
        [str(BIN / words[0]), *words[1:]],
        cwd=ROOT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        # Who runs in the background hands on that it ignores this signal.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as run:
        found = _Interrupted(0, "")
        try:
            found.said, _ = run.communicate(timeout=after)
        except subprocess.TimeoutExpired:
            found.was_up, found.has_record = _has_handler(run.pid), _records(project) != before
            os.killpg(run.pid, signal.SIGINT)
            try:
                found.said, _ = run.communicate(timeout=_PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(run.pid, signal.SIGKILL)
                found.said = (
                    f"{run.communicate()[0]}\nand then it went on for {_PATIENCE_SECONDS} seconds"
                )
        found.status = run.returncode
        return found


def _records(project: Path) -> set[str]:
    runs = project / "runs"
    return {each.name for each in runs.iterdir()} if runs.is_dir() else set()


def _has_handler(pid: int) -> bool:
    caught = Path(f"/proc/{pid}/status").read_text(encoding="ascii").partition("SigCgt:")[2]
    return bool(int(caught.split()[0], 16) >> (signal.SIGINT - 1) & 1)
