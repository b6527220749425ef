"""What a run came to, in a few lines."""

from __future__ import annotations

from pathlib import Path

from cineforge.bridge.wording import cause_lines
from cineforge.commands.shared.words import report_troubles
from cineforge.model.display.quantities import money
from cineforge.model.records.run_events import RunStatus
from cineforge.model.records.run_state import InstanceState, RunState

STALE_SHOWN = 5
#: The options that have modules called although nothing changed, ours and Snakemake's.
_FORCING = ("--force", "-f", "-F", "--forceall", "-R", "--forcerun")


def status_text(state: RunState) -> str:
    """How a run went, and whether it was a dry one."""
    return f"{state.status.value} (dry)" if state.dry else state.status.value


def summary_lines(state: RunState) -> list[str]:
    """The totals of a run and its failures."""
    counts = state.totals.instances
    built, kept = counts.get(InstanceState.DONE, 0), counts.get(InstanceState.KEPT, 0)
    failed, skipped = counts.get(InstanceState.FAILED, 0), counts.get(InstanceState.SKIPPED, 0)
    parts = [f"{built} built", f"{kept} kept", f"{failed} failed"]
    if counts.get(InstanceState.ADOPTED):
        parts.append(f"{counts[InstanceState.ADOPTED]} adopted")
    if skipped:
        parts.append(f"{skipped} skipped")
    calls = state.totals.calls
    parts.append(
        f"cost {money(state.totals.cost_usd)} in {calls} model {'call' if calls == 1 else 'calls'}"
    )
    if state.totals.saved_usd:
        parts.append(f"saved {money(state.totals.saved_usd)}")
    lines = [f"run {state.run_id} is {status_text(state)}: {', '.join(parts)}"]
    for stage in state.stages:
        for instance in stage.instances:
            if instance.state is InstanceState.FAILED:
                name = (
                    stage.stage if instance.entity is None else f"{stage.stage}/{instance.entity}"
                )
                lines.append(f"  failed: {name}: {instance.error or 'interrupted'}")
    lines += [f"  error: {error}" for error in state.errors]
    return lines


def again_text(state: RunState) -> str:
    """What the same command would do, after a run that has not done all of its work."""
    forced = next((word for word in state.command if word in _FORCING), None)
    if forced is None:
        return "the same command again redoes only what is missing"
    return (
        f"the same command again calls everything anew, what was made now included: leave out {forced}, or name with it"
        " what is missing"
    )


def print_summary(project: Path, run_id: str) -> None:
    """Print what a run came to that has ended, be it by the death of its process; and what is stale now and why."""
    from cineforge.commands.shared.project_option import project_at_rest
    from cineforge.history.reading.run_reading import read_run
    from cineforge.history.run_files import read_state, runs_folder
    from cineforge.store import ArtifactStore

    project_at_rest(project)
    found = read_run(runs_folder(project) / run_id, read_state)
    report_troubles([found])
    state = found.state
    if state is None:
        return
    for line in summary_lines(state):
        print(line)
    with ArtifactStore(project) as store:
        stale = store.stale()
        for ref in stale[:STALE_SHOWN]:
            causes = store.causes(ref)
            reason = cause_lines(causes[0])[-1] if causes else "its cause is gone again"
            print(f"  stale: {ref}: {reason}")
    if len(stale) > STALE_SHOWN:
        print(f"  ... and {len(stale) - STALE_SHOWN} more stale: cineforge status")
    if state.status is RunStatus.FAILED:
        print(f"  {again_text(state)}")
