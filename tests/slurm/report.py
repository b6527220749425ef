"""What ran where: a line for each time that a Slurm job was started."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tests.slurm.calls import Call
from tests.slurm.cluster import Cluster
from tests.slurm.settings import NODES


@dataclass(frozen=True, slots=True)
class Start:
    """One start of a job: on which node it says it was, and how that start ended."""

    job: str
    node: str
    began: float
    state: str
    seconds: int


def starts(cluster: Cluster) -> list[Start]:
    """All starts in order: the node as it was told on the node, the end as slurmctld saw it."""
    ends: dict[str, list[dict[str, str]]] = {}
    for line in _lines(cluster.files.finished_jobs):
        end = dict(word.split("=", 1) for word in line.split() if "=" in word)
        ends.setdefault(end["JobId"], []).append(end)
    found: list[Start] = []
    for line in _lines(cluster.files.started_jobs):
        job, node, began = line.split()
        before = sum(start.job == job for start in found)
        known = ends.get(job, [])[before:]
        state = known[0]["JobState"] if known else "?"
        seconds = _seconds(known[0]) if known else 0
        found.append(Start(job, node, float(began), state, seconds))
    return found


def calls_of(start: Start, all_starts: list[Start], calls: list[Call]) -> list[Call]:
    """What was worked on in this start of a job, and not in a later start of the same job."""
    later = [s.began for s in all_starts if s.job == start.job and s.began > start.began]
    end = min(later, default=float("inf"))
    return [call for call in calls if call.job == start.job and start.began <= call.seconds < end]


def steps(cluster: Cluster) -> list[str]:
    """The steps that the nodes were told to launch: `7.0` is the first of job 7."""
    logs = (cluster.files.log(f"slurmd.{node}") for node in NODES)
    return [step for log in logs for step in re.findall(r"StepId=(\d+\.\d+)", log.read_text())]


def what_ran_where(cluster: Cluster, calls: list[Call]) -> str:
    """The table for people, and a line with the sum of each node."""
    rules = _rules(cluster)
    rows = [("job", "node", "state", "s", "rule or group", "what was worked on")]
    all_starts = starts(cluster)
    for start in all_starts:
        here = calls_of(start, all_starts, calls)
        lost = {call.what for call in here} - {call.what for call in here if call.event != "began"}
        words = [call.what for call in here if call.event == "done"]
        words += [f"{call.what}!" for call in here if call.event == "failed"]
        words += [f"{what}?" for what in sorted(lost)]
        rule = rules.get(start.job, "")
        rows.append((start.job, start.node, start.state, str(start.seconds), rule, " ".join(words)))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    sums = Counter(f"{start.node}: {start.state}" for start in all_starts)
    lines.append("! failed   ? lost with its node")
    lines.append(", ".join(f"{key} {number}" for key, number in sorted(sums.items())))
    return "\n".join(lines)


def _rules(cluster: Cluster) -> dict[str, str]:
    rows = cluster.ask("squeue", "--states=all", "--noheader", "--format=%i|%k").splitlines()
    comments = (row.split("|", 1) for row in rows)
    return {job: re.sub(r"^rule_|_wildcards_.*$", "", comment) for job, comment in comments}


def _seconds(end: dict[str, str]) -> int:
    began, ended = (datetime.fromisoformat(end[key]) for key in ("StartTime", "EndTime"))
    return int((ended - began).total_seconds())


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []
