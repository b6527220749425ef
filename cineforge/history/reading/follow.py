"""A run followed by the events that it writes down, from wherever its record can be read."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from pydantic import ValidationError

from cineforge.history.reading.run_reading import run_names
from cineforge.history.run_files import open_regular, runs_folder
from cineforge.model.errors import StoreDamaged
from cineforge.model.records import run_events as ev
from cineforge.model.records.run_events import Event, PipelineEvent
from cineforge.store.layout import EVENTS_FILE, LIVE_FILE

#: A run writes each event at once; more often than this nobody looks.
LOOK_SECONDS = 0.2


def newest_alive(project: Path, is_alive: Callable[[str], bool]) -> str | None:
    """The run that began last of those that are going on and have a record."""
    begun: dict[str, float] = {}
    for run_id in run_names(project):
        folder = runs_folder(project) / run_id
        if not (folder / LIVE_FILE).exists() or not is_alive(run_id):
            continue
        try:
            first = next((event for event in _whole_events(folder, 0)[0] if event), None)
        except StoreDamaged:
            continue
        if first is not None:
            begun[run_id] = first.at.timestamp()
    return max(begun, key=lambda run_id: begun[run_id]) if begun else None


def follow(
    folder: Path, is_alive: Callable[[], bool], when_gone: Callable[[], object]
) -> Iterator[Event | None]:
    """The events of a run from its first one, each as soon as it is written; None for a line that is no event.

    Ends with the run. When its process is gone without having ended the record, `when_gone` is called, and what that
    adds to the record comes as well. Raises StoreDamaged when there is no record to read.
    """
    place, is_gone = 0, False
    while True:
        # In this order: what a run writes just before it ends is read.
        alive = is_alive()
        events, place = _whole_events(folder, place)
        for event in events:
            yield event
            if isinstance(event, ev.RunFinished):
                return
        if is_gone:
            return
        if not alive:
            is_gone = True
            when_gone()
        elif not events:
            time.sleep(LOOK_SECONDS)


def _whole_events(folder: Path, place: int) -> tuple[list[Event | None], int]:
    """What stands in the record from a place on, and the place behind it. A line being written is left for later."""
    with open_regular(folder / EVENTS_FILE) as file:
        file.seek(place)
        text = file.read()
    whole = text.rfind(b"\n") + 1
    return [_event(line) for line in text[:whole].splitlines()], place + whole


def _event(line: bytes) -> Event | None:
    try:
        return PipelineEvent.model_validate_json(line).event
    except ValidationError:
        return None
