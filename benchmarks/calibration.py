"""How often what a run cost lay in the interval that was stated before it: `python -m benchmarks.calibration`.

Histories are generated: projects whose calls cost by some law that the forecast is not told, run after run, each told
from what was on record before it and then compared with what it came to. It should hold nine times of ten.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TextIO

from cineforge.deciding.decide import Decision
from cineforge.deciding.dry_run.pricing.forecast import Sample, forecast, in_all
from cineforge.deciding.dry_run.pricing.prices import HOLDS
from cineforge.deciding.dry_run.stage_decisions import StageDecisions
from cineforge.deciding.instance import Instance
from cineforge.history.reading.samples import ARTIFACTS_PER_STAGE
from cineforge.model.records.decision_record import Action

#: What a call costs that reads so many bytes.
Law = Callable[[random.Random, float], float]

LAWS: dict[str, Law] = {
    "always the same": lambda _chance, _size: 0.04,
    "anything between two": lambda chance, _size: chance.uniform(0.02, 0.06),
    "now and then a dear one": lambda chance, _size: chance.lognormvariate(-3, 0.7),
    "one of five fails, and pays again": lambda chance, _size: 0.04 * (1 + (chance.random() < 0.2)),
    "by size": lambda chance, size: size * 2e-6 * chance.uniform(0.9, 1.1),
    "by size, and a price for each": lambda chance, size: (
        0.01 + size * 1e-6 + chance.gauss(0, 5e-4)
    ),
    "by size, loosely": lambda chance, size: size * 2e-6 * chance.lognormvariate(0, 0.5),
    "one to six pictures": lambda chance, _size: 0.041 * chance.randint(1, 6),
}


@dataclass
class Stated:
    """How many runs were told, how many of them rightly, and how wide that was: a share of what they cost."""

    runs: int = 0
    inside: int = 0
    width: float = 0.0

    @property
    def share(self) -> float:
        return self.inside / self.runs if self.runs else 1.0


def play(law: Law, chance: random.Random, stated: Stated) -> None:
    """One history of one stage: a first run, then edits of a few, now and then all of it."""
    record: list[Sample] = []
    sizes = [chance.lognormvariate(8, 0.8) for _ in range(40)]
    for _ in range(8):
        count = chance.choice([1, 1, 2, 3, 5, 12, 40])
        reads = {Instance("paint", f"scene_{n}"): chance.choice(sizes) for n in range(count)}
        costs = [law(chance, size) for size in reads.values()]
        if len(record) > 1:
            build = [Decision(each, Action.BUILD) for each in reads]
            found = forecast(StageDecisions("paint", build=build), record, reads.__getitem__)
            usd = in_all([found]).usd
            assert usd is not None and usd.high is not None
            actual, dust = sum(costs), 1e-9
            stated.runs += 1
            stated.inside += usd.low - dust <= actual <= usd.high + dust
            stated.width += (usd.high - usd.low) / actual
        record += [
            Sample(cost, None, size=size) for cost, size in zip(costs, reads.values(), strict=True)
        ]
        chance.shuffle(record)
        del record[ARTIFACTS_PER_STAGE:]


def calibration(seed: int, histories: int) -> dict[str, Stated]:
    """By law, what was told and how it came out."""
    found = {name: Stated() for name in LAWS}
    for name, stated in found.items():
        chance = random.Random(f"{seed} {name}")
        for _ in range(histories):
            play(LAWS[name], chance, stated)
    return found


def print_table(found: dict[str, Stated], file: TextIO = sys.stdout) -> None:
    """A line for each law, and one for all."""
    print(f"{'what a call costs':<36}{'runs':>8}{'inside':>9}{'width / cost':>14}", file=file)
    for name, stated in found.items():
        width = stated.width / stated.runs
        print(f"{name:<36}{stated.runs:>8}{stated.share:>9.1%}{width:>14.2f}", file=file)
    runs = sum(stated.runs for stated in found.values())
    inside = sum(stated.inside for stated in found.values())
    print(f"{'in all':<36}{runs:>8}{inside / runs:>9.1%}   (stated: {HOLDS:.0%})", file=file)


def main() -> int:
    """Exit status 1 when the intervals hold less often than stated."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--histories", type=int, default=300)
    options = parser.parse_args()
    found = calibration(options.seed, options.histories)
    print_table(found)
    runs = sum(stated.runs for stated in found.values())
    return 0 if sum(stated.inside for stated in found.values()) >= HOLDS * runs else 1


if __name__ == "__main__":
    sys.exit(main())
