"""What a run says at its end to people."""

from __future__ import annotations

from cineforge.bridge.left_to_people import lines_for_people
from cineforge.deciding.decide import Decision
from cineforge.deciding.instance import Instance
from cineforge.model.records.decision_record import Action
from cineforge.model.refs import ArtifactKey

GATE = ArtifactKey("cast.members")


def waiting(stage: str, *gates: ArtifactKey) -> Decision:
    return Decision(Instance(stage, None), Action.WAIT, (), (), gates=gates)


def test_nobody_is_asked_to_approve_what_nothing_waits_for_any_more() -> None:
    lines = lines_for_people([waiting("song"), waiting("choir", GATE)], ())
    assert list(lines) == [
        "waiting: song, for nobody's word any more: the same command again goes on",
        "waiting: choir, until somebody approves cast.members: 'cineforge confirm cast.members',"
        " or 'cineforge revise cast.members' to have it made anew",
    ]
