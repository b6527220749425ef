"""How well the elements of a scene are found without tags: precision and recall by category.

    python -m benchmarks.elements            the figures, of the scenes that rules were tuned on and of those held out
    python -m benchmarks.elements --misses   ... and what was found wrongly or missed, scene by scene

The scenes and their labels lie in `tests/labelled/`. A finding is right when a label of its category names the same
thing: equal, or one of the two ends with the other (LAMP, BRASS LAMP), small letters and plurals alike.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter
from pathlib import Path

import yaml

from tests.modules.module_bench import breakdown, ingest, report

ROOT = Path(__file__).resolve().parents[1]
LABELLED = ROOT / "tests" / "labelled"


def findings(script: str, folder: Path) -> list[dict[str, list[str]]]:
    """Of each scene of a script, in its order, the elements by category."""
    made = breakdown(ingest(folder, (LABELLED / f"{script}.fountain").read_bytes()))
    scenes = []
    for place in made["scene_index"]["scenes"]:
        found: dict[str, list[str]] = {}
        for element in report(made["scene"][place["id"]])["elements"]:
            found.setdefault(element["category"], []).append(element["name"])
        scenes.append(found)
    return scenes


def score(folder: Path, held_out: bool | None = None) -> tuple[dict[str, Counter[str]], list[str]]:
    """`right`, `wrong`, `missed` by category, and a line for each finding that is wrong or missed."""
    counts: dict[str, Counter[str]] = {}
    lines = []
    labels = yaml.safe_load((LABELLED / "labels.yaml").read_text(encoding="utf-8"))["scripts"]
    for script, labelled in labels.items():
        if held_out is not None and labelled["held_out"] != held_out:
            continue
        found = findings(script, folder)
        assert len(found) == len(labelled["scenes"]), script
        for number, (ours, theirs) in enumerate(zip(found, labelled["scenes"], strict=True), 1):
            for category in sorted({*ours, *theirs}):
                right, wrong, missed = compare(ours.get(category, []), theirs.get(category) or [])
                tally = counts.setdefault(category, Counter())
                tally.update(right=len(right), wrong=len(wrong), missed=len(missed))
                if wrong or missed:
                    lines.append(f"{script} {number} {category}: wrong {wrong}, missed {missed}")
    return counts, lines


def compare(ours: list[str], theirs: list[str]) -> tuple[list[str], list[str], list[str]]:
    """What was found rightly, wrongly, and not."""
    right = [name for name in ours if any(same(name, label) for label in theirs)]
    missed = [label for label in theirs if not any(same(name, label) for name in ours)]
    return right, [name for name in ours if name not in right], missed


def same(one: str, other: str) -> bool:
    a, b = plain(one), plain(other)
    return a == b or a.endswith(f" {b}") or b.endswith(f" {a}")


def plain(name: str) -> str:
    words = re.findall(r"[\w'’-]+", name.casefold())
    return " ".join(word.removesuffix("s") for word in words)


def ratio(part: int, whole: int) -> str:
    return f"{part / whole:.2f}" if whole else "-"


def table(counts: dict[str, Counter[str]]) -> list[str]:
    rows = [f"{'category':<18} {'labelled':>8} {'found':>6} {'precision':>9} {'recall':>6}"]
    for category, tally in sorted(counts.items()):
        found, labelled = tally["right"] + tally["wrong"], tally["right"] + tally["missed"]
        precision, recall = ratio(tally["right"], found), ratio(tally["right"], labelled)
        rows.append(f"{category:<18} {labelled:>8} {found:>6} {precision:>9} {recall:>6}")
    return rows


def main() -> None:
    import tempfile

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--misses", action="store_true", help="name what was wrong or missed")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for title, held_out in (("tuned on", False), ("held out", True)):
            counts, lines = score(Path(folder), held_out)
            print(f"\nscripts {title}\n" + "\n".join(table(counts)))
            if options.misses:
                print("\n".join(lines))


if __name__ == "__main__":
    main()
