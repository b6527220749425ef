"""Gates that a run finds closed, because it cannot know yet what will be made, and that nobody has to open after it."""

from __future__ import annotations

from collections.abc import Iterable

from cineforge.deciding.dry_run.dry_run_planner import DryRunPlanner
from cineforge.deciding.dry_run.stage_decisions import StageDecisions
from cineforge.deciding.instance import instance_of
from cineforge.model.errors import DecisionFailed
from cineforge.model.records.decision_record import Action
from cineforge.model.refs import ArtifactKey


def gates_open_afterwards(
    plan: Iterable[StageDecisions], planner: DryRunPlanner
) -> frozenset[ArtifactKey]:
    """What is approved, and will still be the head when the run has ended, by all that is known beforehand."""
    gates = {
        gate
        for stage in plan
        for decision in (*stage.held, *stage.waiting)
        for gate in decision.gates
    }
    return frozenset(each for each in gates if _is_open_afterwards(each, planner))


def _is_open_afterwards(gate: ArtifactKey, planner: DryRunPlanner) -> bool:
    maker = instance_of(planner.recipe, *gate)
    if maker is None or gate.artifact_type in planner.recipe.refiners:
        return False
    try:
        if planner.decision_ahead(maker).action is not Action.KEEP:
            return False
        head = planner.at_the_start.world.head(gate)
    except DecisionFailed:  # an entity that nobody knows yet
        return False
    return head is not None and planner.at_the_start.world.is_approved(head.ref)
