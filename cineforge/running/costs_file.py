"""The paid calls of one attempt, written as they are made: they count even when the worker dies."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import ValidationError

from cineforge.model.metadata import CostRecord


def append_cost(path: Path, call: CostRecord) -> None:
    """Add one call, in one write."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        os.write(descriptor, call.model_dump_json().encode() + b"\n")
    finally:
        os.close(descriptor)


def read_costs(path: Path) -> tuple[CostRecord, ...]:
    """The calls recorded; a line cut short by a crash is passed over."""
    if not path.exists():
        return ()
    calls = []
    for line in path.read_bytes().splitlines():
        try:
            calls.append(CostRecord.model_validate_json(line))
        except ValidationError:
            continue
    return tuple(calls)
