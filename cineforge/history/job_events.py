"""The events of jobs on other hosts: in a file of each job, collected by the main process."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from cineforge.model.records import run_events as ev
from cineforge.model.records.run_events import Event, PipelineEvent
from cineforge.store import layout
from cineforge.store.disk.safe_files import open_append, stream

SUFFIX = ".events.jsonl"
#: The events that a job records of itself; all others are the main process's own.
_OF_JOBS = (
    ev.JobStarted,
    ev.JobFinished,
    ev.Cost,
    ev.GivenBack,
    ev.LeftOut,
    ev.Published,
    ev.Adopted,
    ev.Kept,
)


def append_event(path: Path, kind: Callable[..., Event], **fields: Any) -> None:
    """Add one event, in one write. Its place among the run's events is given later."""
    line = kind(seq=1, at=datetime.now(UTC), **fields).model_dump_json().encode() + b"\n"
    descriptor = open_append(path)
    try:
        os.write(descriptor, line)
    finally:
        os.close(descriptor)


class JobEvents:
    """The events of all jobs in a folder, each given once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[str, int] = {}

    def fresh(self) -> Iterator[Event]:
        """What has come since the last call."""
        try:
            with os.scandir(self._folder) as entries:
                grown = [
                    entry.name
                    for entry in entries
                    if entry.name.endswith(SUFFIX)
                    and entry.stat().st_size > self._read.get(entry.name, 0)
                ]
        except FileNotFoundError:
            return
        for name in sorted(grown):
            with suppress(OSError), stream(self._folder / name) as file:
                file.seek(self._read.get(name, 0))
                for line in file:
                    if not line.endswith(b"\n"):
                        break  # still being written
                    self._read[name] = self._read.get(name, 0) + len(line)
                    try:
                        yield PipelineEvent.model_validate_json(line).event
                    except ValidationError:
                        continue


def uncollected(run_folder: Path, recorded: Iterable[Event]) -> Iterator[Event]:
    """The events of jobs that a dead main process did not come to collect: of each instance, the last ones."""
    collected = Counter(
        (event.stage, event.entity) for event in recorded if isinstance(event, _OF_JOBS)
    )
    for event in JobEvents(run_folder / layout.JOBS).fresh():
        if isinstance(event, _OF_JOBS):
            if collected[event.stage, event.entity]:
                collected[event.stage, event.entity] -= 1
            else:
                yield event
