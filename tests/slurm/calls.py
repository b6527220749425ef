"""What the work itself told of where it ran: one line for each thing that happened to it.

`scene_7 node2 12 1795548412.69 done`: what, on which node, in which Slurm job, when, and what happened (`began`,
`failed`, `done`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Call:
    """One line of a file of calls."""

    what: str
    node: str
    job: str
    seconds: float
    event: str


def read_calls(path: Path) -> list[Call]:
    """All calls so far. A line that is being written is left for the next time."""
    if not path.exists():
        return []
    whole = path.read_text(encoding="utf-8").rpartition("\n")[0]
    rows = (line.split() for line in whole.splitlines())
    return [Call(what, node, job, float(when), event) for what, node, job, when, event in rows]


def job_to_lose(calls: list[Call]) -> Call | None:
    """Work that has begun, is not done, and whose job has seen no failure; once some job has: else None."""
    failed = {call.job for call in calls if call.event == "failed"}
    over = {(call.what, call.job) for call in calls if call.event != "began"}
    if not failed:
        return None
    for call in reversed(calls):
        if call.job not in failed and (call.what, call.job) not in over:
            return call
    return None
