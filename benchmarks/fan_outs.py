"""`python -m benchmarks.fan_outs`: what a run with many fan-outs costs as their number doubles.

Breaks down made-up screenplays of 50, 100 and 200 scenes, and has `previs` break each scene into shots. Tells the CPU
time of those runs per scene as a ratio to that of the smallest, and once more with Snakemake going over its DAG at
every fan-out.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

BIN = Path(sys.executable).parent
#: Snakemake, with so much patience between two updates of its DAG.
RUN = """
import sys
from cineforge.bridge.snakemake import dag_updates
dag_updates.PATIENCE = float(sys.argv.pop(1))
from snakemake.cli import main
main(sys.argv[1:])
"""


def story(scenes: int) -> str:
    """A screenplay in Fountain, as monotonous as it is long."""
    lines = ["Title: Many", "", ""]
    for number in range(scenes):
        lines += [f"INT. ROOM {number % 40} - DAY", "", f"Someone walks. Action {number}.", ""]
        lines += [f"PERSON {number % 60}", f"Hello there, number {number}.", ""]
    return "\n".join(lines)


def broken_down(folder: Path, scenes: int) -> Path:
    """A project whose scenes are known."""
    script = folder / f"{scenes}.fountain"
    script.write_text(story(scenes), encoding="utf-8")
    project = folder / f"film_{scenes}"
    started = ["init", str(project), "--recipe", "screenplay", "--story", str(script)]
    subprocess.run([BIN / "cineforge", *started], check=True, stdout=subprocess.DEVNULL)
    snakemake(project, 9, "all_breakdown")
    return project


def snakemake(project: Path, patience: float, *words: str) -> float:
    """The CPU seconds of a run and of all that it started."""
    command = [sys.executable, "-c", RUN, str(patience), "-c2", *words]
    with subprocess.Popen(command, cwd=project, stderr=subprocess.DEVNULL) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"the run in {project} failed with status {process.returncode}")
    return used.ru_utime + used.ru_stime


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fan_outs", description=__doc__)
    parser.add_argument("--scenes", type=int, nargs="+", default=[50, 100, 200], metavar="N")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fan-outs-") as folder:
        report(Path(folder), options.scenes)
    return 0


def report(folder: Path, sizes: Sequence[int]) -> None:
    """Print what shots, frames and sheets of so many scenes cost."""
    projects = {scenes: broken_down(folder, scenes) for scenes in sizes}
    first: dict[float, float] = {}
    print("scenes  updates of the DAG    CPU seconds  per scene, as a ratio")
    for scenes, project in projects.items():
        for patience, name in ((9.0, "many fan-outs at once"), (0.0, "one at a time")):
            words = ["all", "--config", "recipe=previs"]
            used = snakemake(project, patience, *words, "--forceall")
            each = used / scenes
            first.setdefault(patience, each)
            print(f"{scenes:>6}  {name:<21} {used:>11.1f}  {each / first[patience]:.2f}")


if __name__ == "__main__":
    sys.exit(main())
