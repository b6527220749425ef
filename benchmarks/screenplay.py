"""What a long screenplay costs, and one edited line of it: `python -m benchmarks.screenplay [--scenes 3000]`.

Makes a script of so many scenes, has `snakemake` make all of the recipe, edits one line, and has it made again. Prints
the processor's seconds of all that each run started, those of the clock, and how many instances ran. On a machine
that does other work, only the processor's seconds mean anything.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from benchmarks.workload.measure import Cost, adopt_orphans, cost_of

BIN = Path(sys.executable).parent
MAKE = Path(__file__).resolve().parents[1] / "samples" / "make_screenplay.py"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=3000)
    parser.add_argument("--cores", type=int, default=2)
    options = parser.parse_args()
    adopt_orphans()
    with tempfile.TemporaryDirectory(prefix="bench-screenplay-") as name:
        folder = Path(name)
        story = folder / "story.fountain"
        made = [sys.executable, str(MAKE), "--scenes", str(options.scenes), "--seed", "1"]
        story.write_bytes(subprocess.run(made, check=True, stdout=subprocess.PIPE).stdout)
        cost_of(
            [
                str(BIN / "cineforge"),
                "init",
                "film",
                "--recipe",
                "screenplay",
                "--story",
                story.name,
            ],
            folder,
        )
        film = folder / "film"
        _print(f"{options.scenes} scenes", film, _run(film, options.cores))
        _print("nothing to do", film, _run(film, options.cores))
        _edit(film / story.name, f"The tally on the wall says {options.scenes // 2}.")
        _print("one line edited", film, _run(film, options.cores))


def _run(film: Path, cores: int) -> Cost:
    return cost_of([str(BIN / "snakemake"), f"-c{cores}", "--quiet"], film)


def _edit(story: Path, line: str) -> None:
    text = story.read_text(encoding="utf-8")
    assert text.count(line) == 1, line
    story.write_text(text.replace(line, f"{line} Nobody reads it."), encoding="utf-8")


def _print(what: str, film: Path, cost: Cost) -> None:
    newest = max((film / "runs").iterdir())
    made: Counter[str] = Counter()
    for line in (newest / "pipeline_events.jsonl").read_text(encoding="utf-8").splitlines():
        event = json.loads(line)
        if event["type"] == "job_started":
            made[event["stage"]] += 1
    counts = ", ".join(f"{stage} {count}" for stage, count in sorted(made.items()))
    print(f"{what}: {cost.cpu:.1f} s of processors, {cost.wall:.1f} s; made: {counts}", flush=True)


if __name__ == "__main__":
    main()
