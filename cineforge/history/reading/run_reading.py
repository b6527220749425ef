"""Runs as far as their records tell: from `run_state.json`, or, where that is of no use, from their events."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from cineforge.history.run_files import open_regular, runs_folder
from cineforge.history.run_fold import RunFold
from cineforge.model.errors import NotFound, StoreDamaged, nearest, suggestion
from cineforge.model.records.run_events import Event, PipelineEvent
from cineforge.model.records.run_state import RunState
from cineforge.store.layout import EVENTS_FILE, STATE_FILE

#: Reads of a run's state what is needed. Raises StoreDamaged.
Reader = Callable[[Path], RunState]


@dataclass(frozen=True)
class ReadRun:
    """A run: its state, unless nothing tells it; and what is wrong with its record, or nothing."""

    run_id: str
    state: RunState | None
    trouble: str = ""


def read_runs(project: Path, read: Reader) -> Iterator[ReadRun]:
    """All runs, in the order of their ids. What became of the record of one concerns no other."""
    for name in run_names(project):
        yield read_run(runs_folder(project) / name, read)


def find_run(project: Path, run_id: str) -> Path:
    """The folder of a run. Raises NotFound with the nearest id."""
    known = run_names(project)
    if run_id not in known:
        hint = suggestion(run_id, known if nearest(run_id, known) else known[-20:])
        raise NotFound(f"there is no run '{run_id}': {hint}")
    return runs_folder(project) / run_id


def read_run(folder: Path, read: Reader) -> ReadRun:
    """One run, whatever its record has come to."""
    try:
        return ReadRun(folder.name, read(folder))
    except StoreDamaged as error:
        damage = str(error)
    if not any(os.path.lexists(folder / name) for name in (STATE_FILE, EVENTS_FILE)):
        nothing = f"it has neither {STATE_FILE} nor {EVENTS_FILE}"
        return ReadRun(folder.name, None, f"{folder} holds no record of a run ({nothing})")
    try:
        folded = RunFold()
        skipped = sum(event is None for event in _sound_events(folder, folded))
        state = folded.state()
    except StoreDamaged as error:
        return ReadRun(folder.name, None, f"{damage}; nor can {EVENTS_FILE} be read: {error}")
    but = f", but for {damaged_lines(skipped)}" if skipped else ""
    return ReadRun(folder.name, state, f"{damage}; read from {EVENTS_FILE}{but}")


def events_left(folder: Path) -> tuple[RunFold, list[Event], int]:
    """The events of a run that can be read and make sense, folded and as they are; and how many lines do not.

    Raises StoreDamaged.
    """
    folded = RunFold()
    lines = list(_sound_events(folder, folded))
    events = [event for event in lines if event is not None]
    return folded, events, len(lines) - len(events)


def _sound_events(folder: Path, folded: RunFold) -> Iterator[Event | None]:
    """Every whole line of the record as an event that was folded, or None for one that makes no sense."""
    with open_regular(folder / EVENTS_FILE) as lines:
        for line in lines:
            if not line.endswith(b"\n"):
                return  # cut short by a crash of the machine, or being written just now
            try:
                event = PipelineEvent.model_validate_json(line).event
                folded.add(event)
            except (
                ValidationError,
                KeyError,
            ):  # a KeyError: of a stage that the record does not begin with
                yield None
            else:
                yield event


def run_names(project: Path) -> list[str]:
    """The folders of all runs, in the order of their ids, whether their records can be read or not."""
    try:
        with os.scandir(runs_folder(project)) as entries:
            return sorted(each.name for each in entries if each.is_dir(follow_symlinks=False))
    except FileNotFoundError:
        return []


def damaged_lines(count: int) -> str:
    return "a damaged line" if count == 1 else f"{count} damaged lines"
