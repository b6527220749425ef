"""What a run has on record of its decisions, held against what `cineforge plan` said before."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from cineforge.deciding.instance import Instance
from cineforge.history.run_files import read_state
from cineforge.model.records.decision_record import Action, DecisionRecord
from cineforge.model.records.run_state import InstanceState
from tests.property.engine import Outcome
from tests.property.same_record import decisions_on_record


def check_record(planned: str, runs: Iterable[Path], outcome: Outcome, called: set[str]) -> None:
    """Every decision of a finished run is final, and those that were certain beforehand have their reasons.

    What the run left out may have to wait for others. `planned` is what `cineforge plan --json` said, `called` the
    instances whose modules were called.
    """
    for run in runs:
        decisions = decisions_on_record(run)
        told = f"{decisions}; planned: {planned}"
        for label in called:
            decision = decisions[label]
            assert decision.final and decision.reasons, f"{label} was called: {told}"
        if outcome == Outcome():
            left_out = _skipped(run)
            not_final = [
                each.instance
                for each in decisions.values()
                if not each.final and each.instance not in left_out
            ]
            assert not not_final, f"not final: {not_final}; {told}"
        if planned.startswith("{"):
            for certain in _certain(json.loads(planned)):
                found = decisions.get(certain.instance)
                if found is not None and found.action is Action.BUILD and found.final:
                    assert _kinds(found) == _kinds(certain), f"{certain.instance}: {told}"


def _skipped(run: Path) -> set[str]:
    """What the command itself left out, by `--until` say: what it waits for may not have run either."""
    return {
        str(Instance(stage.stage, each.entity))
        for stage in read_state(run).stages
        for each in stage.instances
        if each.state is InstanceState.SKIPPED
    }


def _certain(report: Mapping[str, Any]) -> Iterable[DecisionRecord]:
    for stage in report["stages"]:
        for each in stage["build"]:
            decision = DecisionRecord.model_validate_json(json.dumps(each))
            if decision.final:
                yield decision


def _kinds(decision: DecisionRecord) -> set[tuple[object, ...]]:
    """Reasons without the numbers of versions: a plan knows contents beforehand, not numbers."""
    return {
        (reason.kind, reason.role, reason.names, reason.added, reason.removed)
        for reason in decision.reasons
    }
