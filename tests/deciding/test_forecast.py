"""What a plan costs, from its decisions and what calls took before."""

from __future__ import annotations

import pytest

from cineforge.deciding.decide import Decision
from cineforge.deciding.dry_run.forecast import NOTHING, Range, Sample, forecast, forecasts, in_all
from cineforge.deciding.dry_run.stage_decisions import StageDecisions
from cineforge.deciding.instance import Instance
from cineforge.model.records.decision_record import Action

SAMPLES = [Sample(1.0, 2.0), Sample(3.0, None), Sample(8.0, 4.0)]


def decisions(count: int, action: Action = Action.BUILD) -> list[Decision]:
    return [Decision(Instance("paint", f"scene_{n}"), action) for n in range(count)]


def test_certain_calls_span_from_the_cheapest_to_the_dearest() -> None:
    found = forecast(StageDecisions("paint", build=decisions(2)), SAMPLES)
    assert found.usd == Range(2.0, 6.0, 16.0)
    assert found.seconds == Range(4.0, 6.0, 8.0)
    assert found.may_save_usd == 0


def test_what_is_only_possible_counts_half_and_may_be_saved() -> None:
    stage = StageDecisions(
        "paint", unknown=decisions(2, Action.UNKNOWN), possible=decisions(2, Action.UNKNOWN)
    )
    found = forecast(stage, SAMPLES)
    assert found.usd == Range(0.0, 6.0, 32.0)
    assert found.may_save_usd == 12.0


def test_work_that_may_have_been_done_before_is_no_certain_call() -> None:
    build = decisions(2)
    stage = StageDecisions("paint", build=build, recalled={build[0].instance})
    assert (stage.at_least, stage.at_most) == (1, 2)
    assert forecast(stage, SAMPLES).usd == Range(1.0, 4.5, 16.0)


def test_adoption_costs_nothing_and_saves_what_calls_cost() -> None:
    stage = StageDecisions("paint", adopted=decisions(3))
    found = forecast(stage, SAMPLES)
    assert (found.usd, found.adoption_saves_usd) == (NOTHING, 9.0)
    assert not stage.is_up_to_date


@pytest.mark.parametrize("samples", [[], [Sample(1.0, None)]])
def test_what_is_on_no_record_is_not_known(samples: list[Sample]) -> None:
    assert forecast(StageDecisions("paint", build=decisions(1)), samples).seconds is None


def test_the_sum_is_of_what_is_known() -> None:
    plan = [
        StageDecisions("paint", build=decisions(1)),
        StageDecisions("sing", build=decisions(1)),
        StageDecisions("rest", kept=decisions(1, Action.KEEP)),
    ]
    found = forecasts(plan, {"paint": SAMPLES})
    assert list(found) == ["paint", "sing"]
    assert in_all(found.values()).usd == Range(1.0, 3.0, 8.0)
    assert in_all([found["sing"]]).usd is None


def test_of_members_that_nobody_knows_there_may_be_any_number() -> None:
    stage = StageDecisions("paint", build=decisions(2), waits_for=(Instance("split"),))
    assert forecast(stage, SAMPLES).usd == Range(2.0, 6.0, None)
    assert forecast(stage, SAMPLES).call_usd == Range(1.0, 3.0, 8.0)
    assert in_all([forecast(stage, SAMPLES)] * 2).usd == Range(4.0, 12.0, None)


def test_what_is_free_is_so_however_often_it_is_called() -> None:
    stage = StageDecisions("count", waits_for=(Instance("split"),))
    assert forecast(stage, [Sample(0.0, None)]).usd == NOTHING
