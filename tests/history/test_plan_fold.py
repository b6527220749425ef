"""`plan.json` is the last decision on every instance, whatever was thought before."""

from __future__ import annotations

from datetime import UTC, datetime

from cineforge.history.plan_fold import PlanFold
from cineforge.model.records import run_events as ev
from cineforge.model.records.decision_record import Action, DecisionRecord, ReasonKind, ReasonRecord
from cineforge.model.records.run_plan import RunPlan

NOW = datetime(2026, 11, 20, tzinfo=UTC)
REASON = ReasonRecord(kind=ReasonKind.UPSTREAM, before="scene@1", after="scene@2")


def test_the_last_decision_on_an_instance_holds() -> None:
    fold = PlanFold()
    first = DecisionRecord(
        instance="report/a", action=Action.UNKNOWN, version=2, pending=("split",)
    )
    final = DecisionRecord(
        instance="report/a", action=Action.BUILD, final=True, version=2, reasons=(REASON,)
    )
    other = DecisionRecord(instance="board", action=Action.KEEP, final=True, held=True)
    for seq, decision in enumerate((first, other, final), start=1):
        fold.add(ev.Decided(seq=seq, at=NOW, decision=decision))
    fold.add(ev.UpToDate(seq=4, at=NOW, stage="report", entities=("b", "c")))

    plan = RunPlan.model_validate_json(fold.text())

    assert plan.decisions == (final, other)
    assert plan.kept == ("report/b", "report/c")
    assert not fold.has_news
