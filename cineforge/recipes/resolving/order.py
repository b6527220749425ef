"""The order of stages: every stage after what it needs, otherwise as the recipe lists them."""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence


def in_order(waits_for: Mapping[str, Sequence[str]]) -> tuple[list[str], list[list[str]]]:
    """The stages in topological order, ties in the order given, and the cycles that stand in the way.

    `waits_for` maps each stage to those it needs; names that are no key are ignored. A cycle `[a, b]` means
    that a needs b and b needs a; it starts with the stage that the recipe lists first. Cycles that share a
    stage come one at a time: the next shows when the first is fixed.
    """
    position = {stage: index for index, stage in enumerate(waits_for)}
    names = list(waits_for)
    missing = {
        stage: {other for other in others if other in position}
        for stage, others in waits_for.items()
    }
    followers: dict[str, list[str]] = {stage: [] for stage in names}
    for stage, others in missing.items():
        for other in others:
            followers[other].append(stage)
    ready = [position[stage] for stage in names if not missing[stage]]
    ordered: list[str] = []
    cycles: list[list[str]] = []
    done: set[str] = set()
    while len(done) < len(names):
        if not ready:
            cycle = _a_cycle(names, missing, done)
            cycles.append(cycle)
            # Taken as done, so that what else is wrong behind the cycle is found too.
            ready = [position[stage] for stage in cycle]
        heapq.heapify(ready)
        while ready:
            stage = names[heapq.heappop(ready)]
            if stage in done:
                continue
            done.add(stage)
            ordered.append(stage)
            for follower in followers[stage]:
                missing[follower].discard(stage)
                if not missing[follower]:
                    heapq.heappush(ready, position[follower])
    return ordered, cycles


def _a_cycle(names: list[str], missing: Mapping[str, set[str]], done: set[str]) -> list[str]:
    """Going from a stage that waits to one it waits for must come back to itself in the end."""
    path: list[str] = []
    stage = next(name for name in names if name not in done)
    while stage not in path:
        path.append(stage)
        stage = min(missing[stage], key=names.index)
    cycle = path[path.index(stage) :]
    first = min(range(len(cycle)), key=lambda index: names.index(cycle[index]))
    return cycle[first:] + cycle[:first]
