"""The one form in which decisions are written down."""

from __future__ import annotations

import json

from cineforge.deciding.decide import Decision
from cineforge.deciding.instance import Instance
from cineforge.deciding.reasons import Reason
from cineforge.model.records import run_events as ev
from cineforge.model.records.decision_record import Action, DecisionRecord, ReasonKind
from cineforge.model.refs import ArtifactRef

HEAD = ArtifactRef(artifact_type="report", entity_id="scene_7", version=2)
AT = "2026-11-20T18:30:00Z"


def test_a_record_comes_back_from_its_json_and_holds_nothing_empty() -> None:
    reason = Reason(ReasonKind.UPSTREAM, role="scene", before="scene@1", after="scene@2")
    decision = Decision(Instance("report", "scene_7"), Action.BUILD, (reason,), head=HEAD)

    text = decision.record(version=3).model_dump_json()

    assert json.loads(text) == {
        "instance": "report/scene_7",
        "action": "build",
        "final": True,
        "version": 3,
        "head": "report/scene_7@2",
        "reasons": [{"kind": "upstream", "role": "scene", "before": "scene@1", "after": "scene@2"}],
    }
    assert DecisionRecord.model_validate_json(text) == decision.record(version=3)


def test_what_waits_for_others_is_not_final() -> None:
    waits = (Instance("split"),)
    never = (Reason(ReasonKind.NEVER_BUILT),)

    assert not Decision(Instance("report"), Action.UNKNOWN, pending=waits).record().final
    assert not Decision(Instance("report"), Action.BUILD, never, waits).record().final
    assert Decision(Instance("report"), Action.KEEP, pending=waits, head=HEAD).record().final


def test_what_earlier_releases_wrote_of_decisions_can_be_read() -> None:
    planned = {
        "seq": 2,
        "at": AT,
        "type": "planned",
        "stage": "report",
        "entity": "scene_7",
        "certain": True,
        "version": 3,
        "reasons": ["params changed: tone"],
    }
    held = {
        "seq": 3,
        "at": AT,
        "type": "held",
        "stage": "board",
        "entity": None,
        "unseen": ["upstream changed: report@1 -> @2"],
    }

    first, second = (
        ev.PipelineEvent.model_validate_json(json.dumps(each)).event for each in (planned, held)
    )

    assert isinstance(first, ev.Decided) and isinstance(second, ev.Decided)
    assert (first.decision.instance, first.decision.action) == ("report/scene_7", Action.BUILD)
    assert first.decision.reasons[0].names == ("params changed: tone",)
    assert (second.decision.instance, second.decision.action) == ("board", Action.KEEP)
    assert second.decision.held
