"""What `status`, `why` and `plan` cost in a project of many scenes, as ratios to the same in small ones, in CPU time.

    TMPDIR=/dev/shm python -m benchmarks.questions [SCENES] [FOLDER]

With a FOLDER the projects stay there, and are taken again.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.workload.places import Project

BIN = Path(sys.executable).parent
ROUNDS = 5
QUESTIONS = {
    "status": ("status",),
    "status --json": ("status", "--json"),
    "status --no-plan": ("status", "--no-plan"),
    "why analysis/scene_1": ("why", "analysis/scene_1"),
    "why board": ("why", "board"),
    "plan": ("plan",),
}
#: Nothing was made in it, so that nobody can ask why something is as it is.
FRESH, ONE = "freshly made", "one scene"


def main() -> None:
    scenes = int(sys.argv[1]) if len(sys.argv) > 1 else 33_000
    many = f"{scenes:,} scenes"
    with tempfile.TemporaryDirectory(prefix="bench-questions-") as temporary:
        home = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(temporary)
        places = {FRESH: home / "fresh", ONE: home / "one", many: home / f"scenes_{scenes}"}
        for name, count in ((FRESH, 1), (ONE, 1), (many, scenes)):
            if not places[name].exists():
                Project(places[name], count)
            if name != FRESH:
                run = [str(BIN / "snakemake"), "-c2"]
                subprocess.run(run, cwd=places[name], check=True, capture_output=True)
        costs: dict[tuple[str, str], list[float]] = {
            (question, name): [] for question in QUESTIONS for name in places
        }
        for _ in range(ROUNDS):
            for (question, name), found in costs.items():
                found.append(_cost(QUESTIONS[question], places[name]))
    print(f"| | {' | '.join(f'{name}, CPU s' for name in places)} | to {FRESH} | to {ONE} |")
    print("|---" * 6 + "|")
    for question in QUESTIONS:
        fresh, one, of_many = (statistics.median(costs[question, name]) for name in places)
        can_be_asked = not question.startswith("why")
        first = (f"{fresh:.2f}", f"{of_many / fresh:.1f}") if can_be_asked else ("", "")
        print(
            f"| `{question}` | {first[0]} | {one:.2f} | {of_many:.2f} | {first[1]} | {of_many / one:.1f} |"
        )


def _cost(question: tuple[str, ...], folder: Path) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [str(BIN / "cineforge"), *question], cwd=folder, capture_output=True, check=False
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()
