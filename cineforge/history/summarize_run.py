"""What a run came to, gathered from its record and from the project as it is now."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from cineforge.history.dead_runs import end_dead_runs
from cineforge.history.reading.run_reading import read_run
from cineforge.history.run_claims import is_alive
from cineforge.history.run_files import read_state, runs_folder
from cineforge.model.errors import StoreDamaged
from cineforge.model.records.run_events import RunStatus
from cineforge.model.records.run_state import InstanceState, RunState
from cineforge.model.records.run_summary import FailedInstance, RunSummary
from cineforge.store import ArtifactStore


def run_summary(project: Path, run_id: str) -> RunSummary:
    """The summary of a run that has ended, be it by the death of its process. Raises StoreDamaged."""
    state = _state(project, run_id)
    if state.status is RunStatus.RUNNING:
        end_dead_runs(project, partial(is_alive, project))
        state = _state(project, run_id)
    with ArtifactStore(project) as store:
        stale, revised, changes = store.stale(), store.to_revise(), store.changes_behind()
    return RunSummary(
        run_id=state.run_id,
        recipe_id=state.recipe_id,
        status=state.status,
        project=str(project),
        host=state.host,
        command=state.command,
        started_at=state.started_at,
        finished_at=state.finished_at,
        totals=state.totals,
        done=_made(state, InstanceState.DONE),
        adopted=_made(state, InstanceState.ADOPTED),
        failed=tuple(_failed(state)),
        errors=state.errors,
        stale=tuple(map(str, stale)),
        needs_revision=tuple(map(str, revised)),
        changes=tuple(str(ref) for ref, _ in changes),
    )


def _state(project: Path, run_id: str) -> RunState:
    found = read_run(runs_folder(project) / run_id, read_state)
    if found.state is None:
        raise StoreDamaged(found.trouble)
    return found.state


def _made(state: RunState, how: InstanceState) -> tuple[str, ...]:
    return tuple(
        ref
        for stage in state.stages
        for instance in stage.instances
        if instance.state is how
        for ref in instance.artifacts
    )


def _failed(state: RunState) -> list[FailedInstance]:
    return [
        FailedInstance(
            instance=stage.stage if each.entity is None else f"{stage.stage}/{each.entity}",
            error=each.error or "interrupted",
            log=each.log,
        )
        for stage in state.stages
        for each in stage.instances
        if each.state is InstanceState.FAILED
    ]
