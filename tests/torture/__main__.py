"""`make torture`: tries to make the store lose something, for some minutes, and prints what it lost.

Every choice hangs on the seed that is printed; give it with --seed to make the same choices again. (When a kill
meets a process still hangs on the machine.) The exit status is 1 if anything was lost.
"""

from __future__ import annotations

import argparse
import secrets
import sys
import tempfile
from pathlib import Path

from tests.torture import (
    big_files,
    damage,
    drift,
    edits,
    full_disk,
    index_trouble,
    interrupts,
    kills,
    people,
    planted,
    runs,
    writers,
)
from tests.torture.trials import Kind, run_kind, table

#: Each kind, and how many of it at `--scale 1`.
KINDS: dict[str, tuple[Kind, int]] = {
    "kills": (kills.kills_at_random_instants, 160),
    "steps": (kills.kills_at_every_step, 600),
    "runs": (runs.kills_in_runs, 40),
    "batches": (runs.kills_in_batches, 20),
    "interrupts": (interrupts.interrupts, 30),
    "edits": (edits.edits_in_runs, 24),
    "people": (people.people_in_runs, 16),
    "links": (people.odd_links, 24),
    "writers": (writers.many_writers, 500),
    "disk": (full_disk.full_disk, 90),
    "disk-runs": (full_disk.full_disk_in_runs, 20),
    "versions": (damage.damaged_versions, 150),
    "caches": (damage.damaged_caches, 200),
    "index": (index_trouble.index_trouble, 10),
    "drift": (drift.drift, 90),
    "planted": (planted.planted, 150),
    "big": (big_files.big_files, 2048),
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("--seed", type=int, help="make the same choices as a run before")
    parser.add_argument("--only", nargs="+", choices=KINDS, default=list(KINDS), metavar="KIND")
    parser.add_argument("--scale", type=float, default=1.0, help="so many times as many trials")
    parser.add_argument("--folder", type=Path, help="where to work: it decides which disk is tried")
    options = parser.parse_args()
    seed = secrets.randbelow(1_000_000) if options.seed is None else options.seed
    print(f"seed {seed}", flush=True)
    rows = []
    with tempfile.TemporaryDirectory(dir=options.folder, prefix="torture-") as folder:
        for name in options.only:
            kind, count = KINDS[name]
            rows.append(
                run_kind(kind, Path(folder) / name, seed, max(1, round(count * options.scale)))
            )
            for loss in rows[-1].losses:
                print(f"LOST {name}: {loss}")
            print(f"{name}: {len(rows[-1].losses)} lost in {rows[-1].made}", flush=True)
    print(table(rows))
    return 1 if any(row.losses for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
