"""What `status`, `why` and `plan` cost in a project of many scenes, as ratios to the same in small ones, in CPU time.

    TMPDIR=/dev/shm python -m benchmarks.questions [SCENES] [FOLDER]

With a FOLDER the projects stay there, and are taken again.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TypeVar

from benchmarks.workload.places import STORY, Project

Name = TypeVar("Name")
BIN = Path(sys.executable).parent
ROUNDS = 3
#: As for people: modules are compiled once, not by each command.
COMPILED = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
QUESTIONS = {
    "status": ("status",),
    "status --json": ("status", "--json"),
    "status --no-plan": ("status", "--no-plan"),
    "why analysis/scene_1": ("why", "analysis/scene_1"),
    "why board": ("why", "board"),
    "plan": ("plan",),
    "plan --json": ("plan", "--json"),
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
        _print_beside(places)
        _print_after_an_edit(places[ONE], places[many])


def _print_beside(places: dict[str, Path]) -> None:
    asked = [(question, name) for question in QUESTIONS for name in places]
    costs = _in_turns({each: (QUESTIONS[each[0]], places[each[1]]) for each in asked})
    print(f"| | {' | '.join(f'{name}, CPU s' for name in places)} | to {FRESH} | to {ONE} |")
    print("|---" * 6 + "|")
    for question in QUESTIONS:
        fresh, one, of_many = (costs[question, name] for name in places)
        can_be_asked = not question.startswith("why")
        first = (f"{fresh:.2f}", f"{of_many / fresh:.1f}") if can_be_asked else ("", "")
        print(
            f"| `{question}` | {first[0]} | {one:.2f} | {of_many:.2f} | {first[1]} | {of_many / one:.1f} |"
        )


def _print_after_an_edit(one: Path, many: Path) -> None:
    """One scene is edited. Without what runs have noted, all is decided, as it was before anything was noted."""
    for folder in (one, many):
        story = folder / STORY
        text = story.read_text(encoding="utf-8")
        story.write_text(text.replace("says something", "says another thing", 1), encoding="utf-8")
    questions = {name: words for name, words in QUESTIONS.items() if name != "status --no-plan"}
    known = _in_turns(
        {(name, folder): (questions[name], folder) for name in questions for folder in (one, many)}
    )
    notes = many / ".cineforge" / "certificates"
    notes.rename(notes.with_name("away"))
    anew = _in_turns({name: (words, many) for name, words in questions.items()}, rounds=2)
    notes.with_name("away").rename(notes)
    print("\n| one scene edited | one scene, CPU s | many, CPU s | everything decided | to one |")
    print("|---" * 5 + "|")
    for name in questions:
        few, more = known[name, one], known[name, many]
        print(f"| `{name}` | {few:.2f} | {more:.2f} | {anew[name]:.2f} | {more / few:.1f} |")


def _in_turns(
    asked: dict[Name, tuple[tuple[str, ...], Path]], rounds: int = ROUNDS
) -> dict[Name, float]:
    costs: dict[Name, list[float]] = {name: [] for name in asked}
    for _ in range(rounds):
        for name, (words, folder) in asked.items():
            costs[name].append(_cost(words, folder))
    return {name: statistics.median(found) for name, found in costs.items()}


def _cost(question: tuple[str, ...], folder: Path) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [str(BIN / "cineforge"), *question],
        cwd=folder,
        capture_output=True,
        check=False,
        env=COMPILED,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()
