"""What `plan.json` and `run_state.json` of a run say of each instance."""

from __future__ import annotations

from pathlib import Path

from cineforge.history.run_files import read_state
from cineforge.model.records.decision_record import DecisionRecord
from cineforge.model.records.run_plan import RunPlan
from cineforge.model.records.run_state import InstanceState


def decisions_on_record(run: Path) -> dict[str, DecisionRecord]:
    """By instance, the decisions of a run's plan: of all that has one, and the same as in its state."""
    plan = RunPlan.model_validate_json((run / "plan.json").read_bytes())
    decisions = {each.instance: each for each in plan.decisions}
    assert len(decisions) == len(plan.decisions), f"decided twice: {plan}"
    assert not {*decisions} & {*plan.kept}, f"decided and kept: {plan}"
    in_state = {}
    for stage in read_state(run).stages:
        for each in stage.instances:
            name = stage.stage if each.entity is None else f"{stage.stage}/{each.entity}"
            assert each.decision is not None, f"{name} has no decision: {plan}"
            assert each.state is InstanceState.KEPT or name not in plan.kept, name
            in_state[name] = each.decision
    listed = {name: in_state.pop(name) for name in plan.kept}
    assert not [name for name, each in listed.items() if each.reasons or not each.final], listed
    assert in_state == decisions, f"run_state.json: {in_state}; plan.json: {decisions}"
    return decisions
