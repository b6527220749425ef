"""The paid calls of one attempt, written as they are made: they count even when the worker dies.

Beside them stand those of earlier attempts that were given back without paying.
"""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from cineforge.model.metadata import CostRecord
from cineforge.model.records import run_events as ev
from cineforge.model.records.run_events import Event
from cineforge.model.refs import Strict
from cineforge.store import layout
from cineforge.store.disk import safe_files

_COSTS = ".costs.jsonl"


def append_cost(path: Path, call: CostRecord) -> None:
    """Add one call, in one write."""
    _append(path, call)


def _append(path: Path, call: Strict) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = safe_files.open_append(path)
    try:
        os.write(descriptor, call.model_dump_json().encode() + b"\n")
    finally:
        os.close(descriptor)


class GivenBack(Strict):
    """What was paid in a remembered call. `unpublished`: no version holds the cost yet."""

    given_back: tuple[CostRecord, ...]
    unpublished: bool

    @property
    def saved_usd(self) -> float:
        return math.fsum(call.estimated_cost_usd for call in self.given_back)


def append_given_back(path: Path, call: GivenBack) -> None:
    """Add a call that was given back, in one write."""
    _append(path, call)


def read_costs(path: Path) -> tuple[CostRecord, ...]:
    """The calls recorded; a line cut short by a crash is passed over."""
    return tuple(_lines(path, CostRecord))


def read_given_back(path: Path) -> tuple[GivenBack, ...]:
    """The calls that were given back."""
    return tuple(_lines(path, GivenBack))


_Line = TypeVar("_Line", CostRecord, GivenBack)


def _lines(path: Path, kind: type[_Line]) -> Iterator[_Line]:
    try:
        lines = safe_files.read_regular(path).splitlines()
    except OSError:  # none, or something else in its place
        return
    for line in lines:
        with suppress(ValidationError):
            yield kind.model_validate_json(line)


def costs_path(run_folder: Path, stage: str, entity: str | None, attempt: int) -> Path:
    """Where the calls of one attempt are written."""
    name = stage if entity is None else f"{stage}.{entity}"
    return run_folder / layout.LOGS / f"{name}.{attempt}{_COSTS}"


def _attempts_with_costs(run_folder: Path) -> Iterator[tuple[str, str | None, int]]:
    """The attempts that paid for something, by the names of their files."""
    for path in sorted((run_folder / layout.LOGS).glob(f"*{_COSTS}")):
        name, _, attempt = path.name.removesuffix(_COSTS).rpartition(".")
        stage, _, entity = name.partition(".")
        if stage and attempt.isdigit():
            yield stage, entity or None, int(attempt)


def unrecorded_costs(run_folder: Path, events: Iterable[Event], at: datetime) -> list[ev.Cost]:
    """The calls of attempts without a recorded end (a killed worker, a lost host), as events of the time `at`."""
    # Of many calls in one go it is put on record afterwards which have begun.
    open_attempts = dict.fromkeys(_attempts_with_costs(run_folder))
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
