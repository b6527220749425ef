"""A long try at making a run differ from its plan: `make soak`, or `python -m tests.property.soak --seconds 60`.

Prints a table of what was tried, and the smallest history of every kind of failure that was found.
"""

from __future__ import annotations

import argparse
import math
import re
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path
from unittest import mock

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.property.engine import Engine, run_by_snakemake
from tests.property.in_process import run_in_this_process
from tests.property.recipes import Stage, recipes
from tests.property.steps import STEPS, Steps, live_through

#: Steps of a history at most, in one process and by snakemake.
LONGEST = {"fast": 12, "real": 4}


class Soak:
    """Counts of one way to run, and by kind of failure the smallest example with its story."""

    def __init__(self, name: str, engine: Engine) -> None:
        self.name = name
        self.counts: Counter[str] = Counter()
        #: By kind: size of the example, the batch it was in, and its story.
        self.failures: dict[str, tuple[int, int, str]] = {}
        self._engine = engine

    def one(self, batch: int, longest: int) -> None:
        """Try the examples of one batch."""
        self._batch(batch, math.inf, longest)

    def run(self, until: float, first_seed: int, longest: int) -> None:
        """Try one example after the other until a moment of the monotonic clock."""
        batch = first_seed
        while time.monotonic() < until:
            self._batch(batch, until, longest)
            batch += 1

    def _batch(self, number: int, until: float, longest: int) -> None:
        @seed(number)
        @settings(
            max_examples=50,
            phases=[Phase.generate],
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(recipes(), STEPS.map(lambda steps: steps[:longest]))
        def tried(stages: tuple[Stage, ...], steps: Steps) -> None:
            if time.monotonic() < until:
                self._try(stages, steps, number)

        tried()

    def _try(self, stages: tuple[Stage, ...], steps: Steps, batch: int) -> None:
        self.counts["histories"] += 1
        self.counts["stages"] += len(stages)
        try:
            with tempfile.TemporaryDirectory() as folder, mock.patch("os.fsync"):
                history = live_through(Path(folder), stages, steps, self._engine)
        except Exception as error:
            self.counts["FAILURES"] += 1
            story = "".join(traceback.format_exception(error, limit=-6))
            kind = re.sub(r"[\w.]*\d[\w.]*", "N", str(error).partition("\n")[0])[:90]
            size = len(stages) + len(steps)
            if kind not in self.failures or size < self.failures[kind][0]:
                self.failures[kind] = (size, batch, story)
        else:
            self.counts += history.counts


def main() -> int:
    """Exit status 1 when anything was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument(
        "--batch", choices=LONGEST, help="only the batch of examples with this seed"
    )
    options = parser.parse_args()
    fast = Soak("in one process", run_in_this_process)
    real = Soak("by snakemake", run_by_snakemake)
    began = time.monotonic()
    if options.batch:
        {"fast": fast, "real": real}[options.batch].one(options.seed, LONGEST[options.batch])
    else:
        fast.run(began + options.seconds * 0.7, options.seed, LONGEST["fast"])
        real.run(began + options.seconds, options.seed, LONGEST["real"])
    columns = sorted({*fast.counts, *real.counts}, key=lambda name: (name.isupper(), name))
    print(f"seed {options.seed}, {time.monotonic() - began:.0f} s")
    wide = {name: max(10, len(name) + 2) for name in columns}
    print(f"{'':<16}" + "".join(f"{name:>{wide[name]}}" for name in columns))
    for each in (fast, real):
        counted = "".join(f"{each.counts[name]:>{wide[name]}}" for name in columns)
        print(f"{each.name:<16}{counted}")
    for word, each in (("fast", fast), ("real", real)):
        for kind, (_, batch, story) in each.failures.items():
            print(f"\n{each.name}: {kind}\n{story}")
            print(f"again: python -m tests.property.soak --batch {word} --seed {batch}")
    return 1 if fast.failures or real.failures else 0


if __name__ == "__main__":
    sys.exit(main())
