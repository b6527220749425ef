"""What earlier tries at planned work have paid for, and is given back to the next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from cineforge.deciding.decide import Decision
from cineforge.deciding.dry_run.pricing.forecast import Sample
from cineforge.deciding.dry_run.stage_decisions import StageDecisions
from cineforge.deciding.instance import Instance
from cineforge.deciding.planner import Planner
from cineforge.model.errors import DecisionFailed
from cineforge.model.metadata import CostRecord
from cineforge.model.records.decision_record import Action
from cineforge.running.workers.module_context.emitting import costs_of_emitted
from cineforge.running.workers.module_context.remembering import (
    Memory,
    all_remembered,
    memory_folder,
)


def paid_before(
    project: Path, planner: Planner, plan: Iterable[StageDecisions]
) -> dict[Instance, Sample]:
    """By instance, where there is any: the dollars, calls and tokens of what its modules need not pay again."""
    found = {}
    for stage in plan:
        for decision in (*stage.build, *stage.possible):
            costs = list(_costs(project, planner, decision))
            if costs:
                found[decision.instance] = Sample(
                    usd=sum(each.estimated_cost_usd for each in costs),
                    seconds=None,
                    calls=len(costs),
                    tokens=sum(each.input_tokens + each.output_tokens for each in costs),
                )
    return found


def _costs(project: Path, planner: Planner, decision: Decision) -> Iterator[CostRecord]:
    if decision.action is not Action.BUILD:
        return
    try:
        reads = planner.reads(decision.instance)
    except DecisionFailed:  # told where it is decided
        return
    if reads.pending:
        return
    folder = memory_folder(project, reads.work_digests)
    if not folder.is_dir():
        return
    made = 0 if decision.head is None else decision.head.version
    memory = Memory(folder, version=made + 1, made=made, anew=decision.flags.forced)
    for call in all_remembered(memory):
        yield from call.cost
    for cost in costs_of_emitted(memory):
        yield from cost
