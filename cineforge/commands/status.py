"""Count the artifacts of a project by type and health, and name what is stale or held.

examples:
  cineforge status
  cineforge status --directory my_film --json
"""

from __future__ import annotations

import argparse
import json
from collections import Counter

from cineforge.commands.options import add_question_options

SHOWN = 10


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_question_options(parser)


def run(options: argparse.Namespace) -> int:
    from cineforge.commands.project import open_store
    from cineforge.model.health import RESERVED_TYPES, ArtifactHealth

    counts: dict[str, Counter[str]] = {}
    stale: list[str] = []
    held: list[str] = []
    with open_store(options.directory) as store:
        for key, row in sorted(store.heads().items(), key=lambda item: str(item[0])):
            state = "vanished" if row.vanished else row.health.value
            counts.setdefault(key.artifact_type, Counter())[state] += 1
            if not row.vanished and row.health is ArtifactHealth.STALE:
                stale.append(str(row.ref))
            if row.held and key.artifact_type not in RESERVED_TYPES:
                held.append(str(row.ref))
    if options.json:
        print(json.dumps({"counts": counts, "stale": stale, "held": held}, indent=1))
        return 0
    states = [*(health.value for health in ArtifactHealth), "vanished"]
    used = [state for state in states if any(row[state] for row in counts.values())]
    width = max((len(name) for name in counts), default=4)
    print(f"{'type':<{width}}  " + "  ".join(f"{state:>15}" for state in used))
    for name, counted in counts.items():
        print(f"{name:<{width}}  " + "  ".join(f"{counted[state] or '':>15}" for state in used))
    for state, refs in (("held", held), ("stale", stale)):
        for ref in refs[:SHOWN]:
            print(f"{state}: {ref}")
        if len(refs) > SHOWN:
            print(f"... and {len(refs) - SHOWN} more")
    if stale:
        print(f"ask for the cause: cineforge why {stale[0].rpartition('@')[0]}")
    return 0
