"""Ctrl-C at random instants of runs, as a terminal sends it: to all processes of the group."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections import Counter

from tests.torture.children import BIN, ROOT, run_command, snakemake
from tests.torture.runs import finish
from tests.torture.trials import Bench, Trials
from tests.torture.truth import Truth, versions

#: Far more than any run takes to end, on the busiest machine.
_PATIENCE_SECONDS = 300
#: Where Snakemake imports our part before it has read anything of the project.
_PLUGIN = "snakemake_logger_plugin_cineforge/__init__.py"


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
    status, said = _run_and_interrupt(snakemake(project, "-c2"), _PATIENCE_SECONDS)
    assert status == 0, said
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
        status, said = _run_and_interrupt(words, bench.luck.uniform(0.1, longest))
        statuses[status] += 1
        after = versions(project)
        losses = [f"{name} changed" for name, raw in before.items() if after.get(name) != raw]
        losses += _told(status, said, plain=plain)
        losses += truth.losses()
        losses += run_command(["cineforge", "verify", "--directory", str(project)]).losses()
        losses += finish(project)
        trials.record(f"{'snakemake' if plain else 'cineforge run'} {round_}", losses)
    trials.losses += truth.everything()
    ended = ", ".join(f"{number} with {status}" for status, number in sorted(statuses.items()))
    trials.note = f"they ended {ended}"
    return trials


def _told(status: int, said: str, *, plain: bool) -> list[str]:
    losses = []
    # Before the Snakefile is read nothing of ours is in charge, and Python's own traceback stands there: also when
    # Snakemake is importing its plugins, of which it imports each that is installed.
    trace = said.partition("Traceback")[2]
    if trace and (not plain or ("cineforge/" in trace and _PLUGIN not in trace)):
        losses.append(f"a traceback: {said[-2000:]}")
    if status and not said.strip():
        losses.append("it ended without a word")
    # Snakemake ends with 1 whatever stopped it; Python, when nothing has begun, by the signal itself.
    expected = (0, 1, 130, -signal.SIGINT) if plain else (0, 1, 130)
    if status not in expected:
        losses.append(f"it ended with status {status}: {said[-500:]}")
    return losses


def _run_and_interrupt(words: list[str], after: float) -> tuple[int, str]:
    """The exit status, and all that was printed."""
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
        try:
            said, _ = run.communicate(timeout=after)
        except subprocess.TimeoutExpired:
            os.killpg(run.pid, signal.SIGINT)
            try:
                said, _ = run.communicate(timeout=_PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(run.pid, signal.SIGKILL)
                said = (
                    f"{run.communicate()[0]}\nand then it went on for {_PATIENCE_SECONDS} seconds"
                )
        return run.returncode, said
