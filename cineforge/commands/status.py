"""Count the artifacts of a project by type and health, and name what is stale.

examples:
  cineforge status
  cineforge status --directory my_film --json
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path

STALE_SHOWN = 10


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--directory", type=Path, default=Path(), metavar="PROJECT", help="the project folder"
    )
    parser.add_argument("--json", action="store_true", help="for programs")


def run(options: argparse.Namespace) -> int:
    from cineforge.commands.project import open_store
    from cineforge.model.health import ArtifactHealth

    counts: dict[str, Counter[str]] = {}
    stale: list[str] = []
    with open_store(options.directory) as store:
        for key, row in sorted(store.heads().items(), key=lambda item: str(item[0])):
            state = "vanished" if row.vanished else row.health.value
            counts.setdefault(key.artifact_type, Counter())[state] += 1
            if not row.vanished and row.health is ArtifactHealth.STALE:
                stale.append(str(row.ref))
    if options.json:
        print(json.dumps({"counts": counts, "stale": stale}, indent=1))
        return 0
    states = [*(health.value for health in ArtifactHealth), "vanished"]
    used = [state for state in states if any(row[state] for row in counts.values())]
    width = max((len(name) for name in counts), default=4)
    print(f"{'type':<{width}}  " + "  ".join(f"{state:>15}" for state in used))
    for name, counted in counts.items():
        print(f"{name:<{width}}  " + "  ".join(f"{counted[state] or '':>15}" for state in used))
    for ref in stale[:STALE_SHOWN]:
        print(f"stale: {ref}")
    if len(stale) > STALE_SHOWN:
        print(f"... and {len(stale) - STALE_SHOWN} more")
    if stale:
        print(f"ask for the cause: cineforge why {stale[0].rpartition('@')[0]}")
    return 0
