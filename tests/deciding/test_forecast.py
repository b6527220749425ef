"""What a plan costs, from its decisions and what calls took before."""

from __future__ import annotations

import io

import pytest

from benchmarks.calibration import calibration, print_table
from cineforge.deciding.decide import Decision
from cineforge.deciding.dry_run.pricing.forecast import (
    NOTHING,
    Range,
    Sample,
    forecast,
    forecasts,
    in_all,
    per_call,
)
from cineforge.deciding.dry_run.pricing.prices import Measured, Price
from cineforge.deciding.dry_run.stage_decisions import StageDecisions
from cineforge.deciding.instance import Instance
from cineforge.model.records.decision_record import Action

#: Calls that always cost the same, and such that do not.
SAME = [Sample(3.0, 2.0, calls=2, tokens=100)] * 3
OTHERS = [Sample(2.0, None), Sample(3.0, None), Sample(4.0, None)]


def decisions(count: int, action: Action = Action.BUILD) -> list[Decision]:
    return [Decision(Instance("paint", f"scene_{n}"), action) for n in range(count)]


def test_what_always_costs_the_same_is_no_range() -> None:
    found = forecast(StageDecisions("paint", build=decisions(2)), SAME)
    assert found.usd == Range(6.0, 6.0, 6.0)
    assert found.seconds == Range(4.0, 4.0, 4.0)
    assert (found.model_calls, found.tokens) == (Range(4, 4, 4), Range(200, 200, 200))
    assert (found.may_save_usd, found.on_record) == (0, 3)


def test_a_range_is_as_wide_as_the_calls_on_record_differ() -> None:
    build = StageDecisions("paint", build=decisions(2))
    wide, narrow = forecast(build, OTHERS).usd, forecast(build, OTHERS * 8).usd
    assert wide is not None and wide.high is not None and wide.likely == 6.0
    assert narrow is not None and narrow.high is not None and narrow.likely == 6.0
    assert wide.low < narrow.low < 6.0 < narrow.high < wide.high


def test_one_call_on_record_tells_of_no_spread() -> None:
    assert forecast(StageDecisions("paint", build=decisions(2)), OTHERS[:1]).usd == Range(4, 4, 4)


def test_what_is_only_possible_counts_half_and_may_be_saved() -> None:
    stage = StageDecisions(
        "paint", unknown=decisions(2, Action.UNKNOWN), possible=decisions(2, Action.UNKNOWN)
    )
    found = forecast(stage, SAME)
    assert found.usd == Range(0.0, 6.0, 12.0)
    assert found.may_save_usd == 12.0


def test_of_members_that_nobody_knows_yet_so_many_are_likely_as_there_were_before() -> None:
    known = decisions(4, Action.UNKNOWN)
    stage = StageDecisions("paint", possible=known, waits_for=(Instance("shots", "scene_1"),))
    found = forecast(stage, SAME, further_calls=1.5)
    assert found.usd == Range(0.0, 4.5, None)
    assert in_all([found, forecast(StageDecisions("draw", build=decisions(1)), SAME)]).usd == Range(
        3.0, 7.5, None
    )


def test_work_that_may_have_been_done_before_is_no_certain_call() -> None:
    build = decisions(2)
    stage = StageDecisions("paint", build=build, recalled={build[0].instance})
    assert (stage.at_least, stage.at_most) == (1, 2)
    assert forecast(stage, SAME).usd == Range(3.0, 4.5, 6.0)


def test_adoption_costs_nothing_and_saves_what_calls_cost() -> None:
    stage = StageDecisions("paint", adopted=decisions(3))
    found = forecast(stage, SAME)
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
    found = forecasts(plan, {"paint": SAME})
    assert list(found) == ["paint", "sing"]
    assert in_all(found.values()).usd == Range(3.0, 3.0, 3.0)
    assert in_all([found["sing"]]).usd is None
    assert in_all([]).usd == NOTHING


def test_of_a_sum_not_all_parts_are_low_or_high_at_once() -> None:
    one = forecast(StageDecisions("paint", build=decisions(1)), OTHERS * 3)
    assert one.usd is not None and one.usd.high is not None
    both = in_all([one, one]).usd
    assert both is not None and both.high is not None and both.likely == 6.0
    assert one.usd.high < both.high < 2 * one.usd.high


def test_of_members_that_nobody_knows_there_may_be_any_number() -> None:
    stage = StageDecisions("paint", build=decisions(2), waits_for=(Instance("split"),))
    found = forecast(stage, SAME)
    assert found.usd == Range(6.0, None, None), "nor can anybody guess it"
    assert found.call_usd == Range(3.0, 3.0, 3.0)
    assert in_all([found] * 2).usd == Range(12.0, 12.0, None)


def test_what_is_free_is_so_however_often_it_is_called() -> None:
    stage = StageDecisions("count", waits_for=(Instance("split"),))
    assert forecast(stage, [Sample(0.0, None)]).usd == NOTHING


def test_size_tells_the_price_where_the_calls_on_record_bear_it_out() -> None:
    by_size = [Measured(size * 0.001, float(size)) for size in range(100, 2000, 100)]
    price = Price(by_size)
    assert price.goes_by_size
    assert price.of([5000.0]).mean == pytest.approx(5.0)
    assert price.of([200.0, None]).mean == pytest.approx(0.2 + 1.0), "or else as on the mean"
    by_chance = [Measured(1.0 + n % 2, float(size.size or 0)) for n, size in enumerate(by_size)]
    assert not Price(by_chance).goes_by_size
    assert not Price(by_size[:4]).goes_by_size, "through so few there is always a line"


def test_a_failed_call_of_unknown_size_counts_in_the_mean() -> None:
    sized = [Sample(size * 0.001, None, size=float(size)) for size in range(100, 2000, 100)]
    usd, _ = per_call([*sized, Sample(21.0, None)])
    assert usd is not None and usd.likely == pytest.approx(2.0)


def test_costs_lie_in_the_interval_as_often_as_is_stated() -> None:
    found = calibration(seed=3, histories=40)
    table = io.StringIO()
    print_table(found, table)
    for name, told in found.items():
        assert told.runs > 200 and told.share > 0.8, f"{name}\n{table.getvalue()}"
    inside, runs = (sum(getattr(each, of) for each in found.values()) for of in ("inside", "runs"))
    assert inside / runs > 0.88, table.getvalue()
