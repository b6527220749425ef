"""Runs whose process died before it could end its record."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from cineforge.history.costs_file import unrecorded_costs
from cineforge.history.job_events import uncollected
from cineforge.history.plan_fold import PlanFold
from cineforge.history.reading.run_reading import damaged_lines, events_left
from cineforge.history.run_files import last_beat, run_ids, runs_folder, write_fold
from cineforge.history.run_fold import RunFold
from cineforge.history.state_file import state_text
from cineforge.model.errors import StoreDamaged
from cineforge.model.records import run_events as ev
from cineforge.model.records.run_events import Event, RunStatus
from cineforge.store.disk import safe_files
from cineforge.store.layout import EVENTS_FILE, LIVE_FILE, PLAN_FILE, STATE_FILE
from cineforge.store.locking.file_lock import lock


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
                if _end_once(project, folder):
                    ended.append(run_id)
            except (StoreDamaged, OSError):
                continue  # a record that cannot be completed must not keep anybody from working
    return ended


def _end_once(project: Path, folder: Path) -> bool:
    """Whether it was this process that ended the record: two commands may come upon it at once."""
    path = folder / LIVE_FILE
    descriptor = safe_files.open_regular(path)
    try:
        lock(descriptor, path)
        if not path.exists():
            return False
        _end(project, folder)
        return True
    finally:
        os.close(descriptor)


def _end(project: Path, folder: Path) -> None:
    folded, events, damaged = events_left(folder)
    if not events and not damaged:
        (folder / EVENTS_FILE).unlink()
        (folder / LIVE_FILE).unlink()
        return
    folded.state(with_instances=False)  # raises for a record without a beginning
    last = events[-1]
    _drop_torn_line(folder)
    if not isinstance(last, ev.RunFinished):
        with os.fdopen(safe_files.open_append(folder / EVENTS_FILE), "ab") as file:
            for event in _missing(project, events, folded, damaged):
                file.write(event.model_dump_json().encode() + b"\n")
                folded.add(event)
            file.flush()
            os.fsync(file.fileno())
    plan = PlanFold()
    for event in events_left(folder)[1]:
        plan.add(event)
    write_fold(folder, STATE_FILE, state_text(folded.state()), durable=True)
    write_fold(folder, PLAN_FILE, plan.text(), durable=True)
    (folder / LIVE_FILE).unlink()


def _missing(project: Path, events: list[Event], folded: RunFold, damaged: int) -> list[Event]:
    """What the dead process did not come to record: what its jobs recorded, calls already paid, and the end.

    That lines of the record are damaged is part of it from now on.

    The end is at its last sign of life.
    """
    at = events[-1].at
    run_id = folded.state(with_instances=False).run_id
    folder = runs_folder(project) / run_id
    found = list(uncollected(folder, events))
    found += unrecorded_costs(folder, [*events, *found], at)
    if damaged:
        said = f"the record holds {damaged_lines(damaged)}, which {'is' if damaged == 1 else 'are'} not counted"
        found.append(ev.Failed(seq=1, at=at, message=said))
    last = max([at, last_beat(folder) or at, *(event.at for event in found)])
    found.append(ev.RunFinished(seq=1, at=last, status=RunStatus.INTERRUPTED))
    return [
        event.model_copy(update={"seq": seq})
        for seq, event in enumerate(found, start=events[-1].seq + 1)
    ]


def _drop_torn_line(folder: Path) -> None:
    """Cut off a last line without its end: only a crash of the whole machine leaves one."""
    path = folder / EVENTS_FILE
    content = safe_files.read_regular(path)
    whole = content.rfind(b"\n") + 1
    if whole < len(content):
        os.truncate(path, whole)
