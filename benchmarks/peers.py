"""`python -m benchmarks.peers --doit PATH`: the same work by doit, beside plain Snakemake and CineForge, in seconds.

doit keeps plain files as a hand-written Snakefile does, and compares contents as CineForge does. `make bench-peers`
gives it an environment of its own.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks.against_snakemake import BARE, PLAIN, ways
from benchmarks.workload.measure import adopt_orphans, cost_of
from benchmarks.workload.places import HERE, Place, PlainFiles

DOIT = "doit"
OPERATIONS = {
    "cold": "everything, from nothing",
    "nothing": "nothing to do",
    "edit": "one scene edited",
    "one": "one scene edited, and asked for alone",
}


class ForDoit(PlainFiles):
    """For doit."""

    def __init__(self, folder: Path, scenes: int) -> None:
        super().__init__(folder, scenes)
        shutil.copyfile(HERE / "dodo.py", folder / "dodo.py")


def row_of(operation: str, size: int, folder: Path, doit: str) -> str:
    """One operation in each way, by turns: CPU seconds of all processes. All must have made the same."""
    known = {way.name: way for way in ways(2)}
    edited = size // 2
    costs, digests = [], set()
    for name in (BARE, PLAIN, DOIT):
        home = folder / name
        place = _places.get(home)
        if place is None:
            make = ForDoit if name == DOIT else known[name].place
            place = _places[home] = make(home, size)
        if operation in ("edit", "one"):
            place.edit(edited, len(operation))
        command = (
            [doit, "run", "-n", "2", "-P", "thread"] if name == DOIT else [*known[name].command]
        )
        if operation == "one":
            if name == DOIT:
                command.append(f"analysis:scene_{edited}")
            else:
                command.insert(1, known[name].one.format(edited))
        costs.append(cost_of(command, home).cpu)
        digests.add(place.analysis(edited) if operation == "one" else place.board())
    if len(digests) != 1:
        raise SystemExit(f"after '{operation}' of {size} they have not made the same")
    return f"| {OPERATIONS[operation]} | {size:,} | {' | '.join(f'{each:.1f}' for each in costs)} |"


_places: dict[Path, Place] = {}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    parser.add_argument("--doit", required=True, metavar="PATH", help="the program")
    parser.add_argument("--scenes", type=int, nargs="+", default=[100, 1_000], metavar="N")
    options = parser.parse_args()
    adopt_orphans()
    print(f"| operation | scenes | {BARE} | {PLAIN} | {DOIT} |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="peers-") as folder:
        for size in options.scenes:
            for operation in OPERATIONS:
                home = Path(folder) / str(size)
                print(row_of(operation, size, home, options.doit), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
