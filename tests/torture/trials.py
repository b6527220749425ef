"""What a kind of trial came to, and the table of all of them."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Trials:
    """One kind of trial: how many were made, what was lost, and what else is worth saying."""

    kind: str
    made: int = 0
    losses: list[str] = field(default_factory=list)
    note: str = ""
    seconds: float = 0.0

    def record(self, what: str, losses: Iterable[str]) -> None:
        """Count one trial; `what` says which one, so that a loss can be tried again."""
        self.made += 1
        self.losses.extend(f"{what}: {loss}" for loss in losses)


@dataclass(frozen=True)
class Bench:
    """Where trials of one kind work, and the luck they have."""

    folder: Path
    luck: random.Random


#: A kind of trial: given its bench and how many to make.
Kind = Callable[[Bench, int], Trials]


def run_kind(kind: Kind, folder: Path, seed: int, count: int) -> Trials:
    """Make `count` trials of one kind in a folder of their own. The same seed makes the same choices."""
    folder.mkdir(parents=True)
    began = time.monotonic()
    trials = kind(Bench(folder, random.Random(f"{kind.__name__} {seed}")), count)
    trials.seconds = time.monotonic() - began
    return trials


def table(rows: Iterable[Trials]) -> str:
    """All kinds with their trials, losses and seconds."""
    rows = list(rows)
    width = max(len(row.kind) for row in rows)
    lines = [f"{'kind of trial':<{width}}  trials  losses  seconds"]
    for row in rows:
        figures = f"{row.made:>6}  {len(row.losses):>6}  {row.seconds:>7.1f}"
        lines.append(f"{row.kind:<{width}}  {figures}  {row.note}".rstrip())
    made, lost = sum(row.made for row in rows), sum(len(row.losses) for row in rows)
    seconds = sum(row.seconds for row in rows)
    lines.append(f"{'all':<{width}}  {made:>6}  {lost:>6}  {seconds:>7.1f}")
    return "\n".join(lines)
