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

    shown = None if options.json else SHOWN
    with open_store(options.directory) as store:
        counts = {name: Counter(states) for name, states in store.health_counts().items()}
        stale = [str(ref) for ref in store.stale(shown)]
        held = [str(ref) for ref in store.held() if ref.artifact_type not in RESERVED_TYPES]
    if options.json:
        print(json.dumps({"counts": counts, "stale": stale, "held": held}, indent=1))
        return 0
    stale_count = sum(counted[ArtifactHealth.STALE.value] for counted in counts.values())
    states = [*(health.value for health in ArtifactHealth), "vanished"]
    used = [state for state in states if any(row[state] for row in counts.values())]
    width = max((len(name) for name in counts), default=4)
    print(f"{'type':<{width}}  " + "  ".join(f"{state:>15}" for state in used))
    for name, counted in counts.items():
        print(f"{name:<{width}}  " + "  ".join(f"{counted[state] or '':>15}" for state in used))
    for state, refs, count in (("held", held, len(held)), ("stale", stale, stale_count)):
        for ref in refs[:SHOWN]:
            print(f"{state}: {ref}")
        if count > SHOWN:
            print(f"... and {count - SHOWN} more")
    if stale:
        print(f"ask for the cause: cineforge why {stale[0].rpartition('@')[0]}")
    return 0
