"""The runs that a film page tells of."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cineforge.history.reading.run_reading import read_run, read_runs
from cineforge.history.run_files import read_state, runs_folder
from cineforge.history.state_file import read_head
from cineforge.model.records.run_state import InstanceState, RunState

#: So many of the newest runs are shown, and so many failures of each.
RUNS, FAILURES = 50, 10


@dataclass(frozen=True)
class NewestRun:
    state: RunState
    failures: tuple[str, ...]

    def count(self, state: str) -> int:
        return self.state.totals.instances.get(InstanceState(state), 0)


def newest_runs(project: Path) -> tuple[list[NewestRun], int]:
    """The newest runs, the last one first, and how many there are in all. What cannot be read is left out."""
    states = [each.state for each in read_runs(project, read_head) if each.state is not None]
    states.sort(key=lambda state: state.started_at, reverse=True)
    return [NewestRun(state, tuple(_failures(project, state))) for state in states[:RUNS]], len(
        states
    )


def _failures(project: Path, state: RunState) -> list[str]:
    if not state.totals.instances.get(InstanceState.FAILED):
        return list(state.errors[:FAILURES])
    whole = read_run(runs_folder(project) / state.run_id, read_state).state
    if whole is None:
        return []
    failed = [
        f"{stage.stage if each.entity is None else f'{stage.stage}/{each.entity}'}: {each.error or 'interrupted'}"
        for stage in whole.stages
        for each in stage.instances
        if each.state is InstanceState.FAILED
    ]
    return [*failed, *whole.errors][:FAILURES]
