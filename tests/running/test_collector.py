"""Garbage is looked for seldom in a run: what it holds in memory stays."""

from __future__ import annotations

import subprocess
import sys

ALL_LOOKED_AT = """
import gc
from cineforge.running.collector import spare_collector

{spared}
before = gc.get_stats()[2]["collections"]
kept = [[number] for number in range(300_000)]
print(gc.get_stats()[2]["collections"] - before)
"""


def test_what_a_run_keeps_is_not_looked_at_again_and_again() -> None:
    looks = []
    for spared in ("", "spare_collector()"):
        code = ALL_LOOKED_AT.format(spared=spared)
        looks.append(int(subprocess.check_output([sys.executable, "-c", code])))
    by_default, spared_looks = looks
    assert spared_looks == 0 < by_default
