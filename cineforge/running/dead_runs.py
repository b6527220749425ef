"""Runs whose process died before it could end its record."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from cineforge.model import run_events as ev
from cineforge.model.errors import StoreDamaged
from cineforge.model.run_events import Event, RunStatus
from cineforge.running.costs_file import read_costs
from cineforge.running.run_files import (
    EVENTS_FILE,
    LIVE_FILE,
    last_beat,
    read_events,
    run_ids,
    runs_folder,
    write_state,
)
from cineforge.running.run_fold import RunFold, fold


def end_dead_runs(project: Path, is_alive: Callable[[str], bool]) -> list[str]:
    """Give every unfinished record of a run that is not alive its end; returns their ids.

    What an interrupted module call had paid is counted.
    """
    ended = []
    for run_id in run_ids(project):
        folder = runs_folder(project) / run_id
        # In this order: a run is alive before it has a record.
        if (folder / LIVE_FILE).exists() and not is_alive(run_id):
            try:
                _end(project, folder)
            except (StoreDamaged, OSError):
                continue  # a record that cannot be mended must not keep anybody from working
            ended.append(run_id)
    return ended


def _end(project: Path, folder: Path) -> None:
    events = list(read_events(folder))
    if not events:
        (folder / EVENTS_FILE).unlink()
        (folder / LIVE_FILE).unlink()
        return
    folded = fold(events)
    last = events[-1]
    _drop_torn_line(folder)
    if not isinstance(last, ev.RunFinished):
        with (folder / EVENTS_FILE).open("ab") as file:
            for event in _missing(project, events, folded):
                file.write(event.model_dump_json().encode() + b"\n")
                folded.add(event)
            file.flush()
            os.fsync(file.fileno())
    write_state(folder, folded.state().model_dump_json() + "\n", durable=True)
    (folder / LIVE_FILE).unlink()


def _missing(project: Path, events: list[Event], folded: RunFold) -> list[Event]:
    """What the dead process did not come to record: calls already paid, and the end at its last sign of life."""
    seq, at = events[-1].seq, events[-1].at
    running: dict[tuple[str, str | None], int] = {}
    for event in events:
        if isinstance(event, ev.JobStarted):
            running[event.stage, event.entity] = event.attempt
        elif isinstance(event, ev.JobFinished):
            running.pop((event.stage, event.entity), None)
    found: list[Event] = []
    run_id = folded.state(with_instances=False).run_id
    logs = runs_folder(project) / run_id / "logs"
    for (stage, entity), attempt in running.items():
        name = stage if entity is None else f"{stage}.{entity}"
        path = logs / f"{name}.{attempt}.costs.jsonl"
        counted = sum(
            isinstance(event, ev.Cost)
            and (event.stage, event.entity, event.attempt) == (stage, entity, attempt)
            for event in events
        )
        for call in read_costs(path)[counted:]:
            seq += 1
            found.append(
                ev.Cost(seq=seq, at=at, stage=stage, entity=entity, attempt=attempt, call=call)
            )
    at = max(at, last_beat(runs_folder(project) / run_id) or at)
    found.append(ev.RunFinished(seq=seq + 1, at=at, status=RunStatus.INTERRUPTED))
    return found


def _drop_torn_line(folder: Path) -> None:
    """Cut off a last line without its end: only a crash of the whole machine leaves one."""
    path = folder / EVENTS_FILE
    content = path.read_bytes()
    whole = content.rfind(b"\n") + 1
    if whole < len(content):
        os.truncate(path, whole)
