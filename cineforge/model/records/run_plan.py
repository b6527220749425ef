"""What a run decided: `runs/<run_id>/plan.json`."""

from __future__ import annotations

from cineforge.model.records.decision_record import DecisionRecord
from cineforge.model.refs import Strict


class RunPlan(Strict):
    """The last decision on every instance; `kept` names those up to date of which there is nothing to say."""

    run_id: str
    recipe_id: str
    decisions: tuple[DecisionRecord, ...]
    kept: tuple[str, ...]
