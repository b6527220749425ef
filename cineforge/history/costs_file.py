"""The paid calls of one attempt, written as they are made: they count even when the worker dies."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from cineforge.model.metadata import CostRecord
from cineforge.model.records import run_events as ev
from cineforge.model.records.run_events import Event
from cineforge.store import layout
from cineforge.store.disk import safe_files


def append_cost(path: Path, call: CostRecord) -> None:
    """Add one call, in one write."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = safe_files.open_append(path)
    try:
        os.write(descriptor, call.model_dump_json().encode() + b"\n")
    finally:
        os.close(descriptor)


def read_costs(path: Path) -> tuple[CostRecord, ...]:
    """The calls recorded; a line cut short by a crash is passed over."""
    try:
        lines = safe_files.read_regular(path).splitlines()
    except OSError:  # none, or something else in its place
        return ()
    calls = []
    for line in lines:
        try:
            calls.append(CostRecord.model_validate_json(line))
        except ValidationError:
            continue
    return tuple(calls)


def costs_path(run_folder: Path, stage: str, entity: str | None, attempt: int) -> Path:
    """Where the calls of one attempt are written."""
    name = stage if entity is None else f"{stage}.{entity}"
    return run_folder / layout.LOGS / f"{name}.{attempt}.costs.jsonl"


def unrecorded_costs(run_folder: Path, events: Iterable[Event], at: datetime) -> list[ev.Cost]:
    """The calls of attempts without a recorded end (a killed worker, a lost host), as events of the time `at`."""
    open_attempts: dict[tuple[str, str | None, int], None] = {}
    counted: Counter[tuple[str, str | None, int]] = Counter()
    for event in events:
        match event:
            case ev.JobStarted():
                open_attempts[event.stage, event.entity, event.attempt] = None
            case ev.JobFinished():
                open_attempts.pop((event.stage, event.entity, event.attempt), None)
            case ev.Cost():
                counted[event.stage, event.entity, event.attempt] += 1
    return [
        ev.Cost(seq=1, at=at, stage=stage, entity=entity, attempt=attempt, call=call)
        for stage, entity, attempt in open_attempts
        for call in read_costs(costs_path(run_folder, stage, entity, attempt))[
            counted[stage, entity, attempt] :
        ]
    ]
