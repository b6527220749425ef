"""The schedule groups scenes by place and light; the day-out-of-days tells who is needed when."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.modules.module_bench import Film, film, ingest
from tests.modules.scheduling import planned, scene


def days(whole: Film) -> list[tuple[list[str], list[int]]]:
    return [
        (day["locations"], [row["ordinal"] for row in day["scenes"]])
        for day in whole.schedule["days"]
    ]


def test_scenes_of_one_place_come_together_exteriors_and_daylight_first(tmp_path: Path) -> None:
    whole = planned(
        tmp_path,
        scene("INT. HOUSE - NIGHT", 1),
        scene("INT. SHIP - DAY", 2),
        scene("INT. HOUSE - DAY", 1),
        scene("EXT. HOUSE - NIGHT", 1),
        scene("EXT. HOUSE - DAY", 1),
        scene("INT./EXT. HOUSE - DAY", 1),
        eighths_a_day=16,
    )
    # The house has nights, and nothing by day comes after them.
    assert days(whole) == [(["ZOO", "SHIP", "HOUSE"], [7, 2, 5, 6, 3, 4, 1])]


def test_a_day_ends_when_its_pages_are_full(tmp_path: Path) -> None:
    whole = planned(tmp_path, *(scene("INT. HOUSE - DAY", 3) for _ in range(3)))
    assert days(whole) == [(["HOUSE"], [1, 2]), (["HOUSE", "ZOO"], [3, 4])]


def test_a_place_that_does_not_fit_begins_a_new_day(tmp_path: Path) -> None:
    whole = planned(
        tmp_path,
        scene("INT. HOUSE - DAY", 4),
        *(scene("INT. SHIP - DAY", 3) for _ in range(2)),
    )
    assert days(whole) == [(["HOUSE"], [1]), (["SHIP", "ZOO"], [2, 3, 4])]


def test_a_scene_longer_than_a_day_is_marked(tmp_path: Path) -> None:
    schedule = planned(tmp_path, scene("INT. HOUSE - DAY", 12)).schedule
    assert [(day["eighths"], day["over_budget"]) for day in schedule["days"]] == [
        (12, True),
        (2, False),
    ]


def test_the_days_of_somebody_go_from_start_over_work_and_hold_to_finish(tmp_path: Path) -> None:
    whole = planned(
        tmp_path,
        scene("INT. A - DAY", 8),
        scene("INT. B - DAY", 8, "Ann"),
        scene("INT. C - DAY", 8),
        scene("INT. D - DAY", 8, "Ann"),
        by_hand="order: [1, 2, 3, 4, 5]",
    )
    ann, ben = whole.days["rows"]
    assert ann["codes"] == ["", "SW", "H", "W", "WF"]
    assert [ann[key] for key in ("start", "finish", "work", "hold", "total")] == [2, 5, 3, 1, 4]
    assert ben["codes"] == ["", "", "", "", "SWF"]


def test_the_cast_is_held_as_little_as_the_order_of_places_allows(tmp_path: Path) -> None:
    whole = planned(
        tmp_path,
        scene("INT. A - DAY", 8, "Ann"),
        scene("INT. B - DAY", 8),
        scene("INT. C - DAY", 8),
        scene("INT. D - DAY", 8, "Ann"),
    )
    assert [row["hold"] for row in whole.days["rows"]] == [0, 0]


def test_omitted_scenes_keep_their_numbers_and_are_on_no_day_and_in_no_sum(tmp_path: Path) -> None:
    text = (
        "INT. BOATHOUSE - DAY #1#\n\nRope swings.\n\n.OMITTED #2#\n\n.OMIT #3#\n\n"
        ".SCENE OMITTED #4#\n\nINT. BOATHOUSE - NIGHT #5#\n\nRope hangs still.\n"
    )
    whole = film(ingest(tmp_path, text))
    rows = [
        [row[key] for key in ("number", "omitted", "pages", "location", "script_day")]
        for row in whole.board["rows"]
    ]
    assert rows == [
        ["1", False, "1/8", "BOATHOUSE", "D1"],
        ["2", True, "0/8", None, None],
        ["3", True, "0/8", None, None],
        ["4", True, "0/8", None, None],
        ["5", False, "1/8", "BOATHOUSE", "N1"],
    ]
    totals = whole.board["totals"]
    assert (totals["scenes"], totals["omitted"], totals["pages"]) == (2, 3, "2/8")
    shot = [row["number"] for day in whole.schedule["days"] for row in day["scenes"]]
    assert shot == ["1", "5"]
    assert whole.schedule["totals"]["pages"] == "2/8"
    assert [row["name"] for row in whole.found["locations"]] == ["BOATHOUSE"]


def test_a_day_has_one_change_of_light_and_no_day_after_night(tmp_path: Path) -> None:
    lights = ("NIGHT", "DAY", "DUSK", "NIGHT", "DAWN", "DAY")
    whole = planned(
        tmp_path,
        *(scene(f"EXT. PLACE {n % 2} - {light}", 1) for n, light in enumerate(lights)),
        eighths_a_day=40,
    )
    order = ["dawn", "day", "dusk", "night"]
    for day in whole.schedule["days"]:
        assert len(day["lights"]) <= 2
        assert day["lights"] == sorted(day["lights"], key=order.index)
    kept = {rule["rule"]: rule["broken_on"] for rule in whole.schedule["rules"]}
    assert kept["One change of light a day at most."] == []
    assert kept["Day comes before night, day exteriors first."] == []


def test_moves_within_a_day_are_counted_and_limited(tmp_path: Path) -> None:
    text = "".join(scene(f"INT. PLACE {n} - DAY", 1) for n in range(7))
    whole = film(ingest(tmp_path, text))
    assert [day["moves"] for day in whole.schedule["days"]] == [2, 2, 0]
    assert whole.schedule["totals"]["moves"] == 4
    assert whole.schedule["totals"]["moves_between"] == 2


def test_order_breaks_dates_and_banners_are_as_a_person_says(tmp_path: Path) -> None:
    whole = planned(
        tmp_path,
        *(scene(f"INT. PLACE {n} - DAY", 1) for n in range(4)),
        by_hand="""
            start: 2027-03-05
            days_off: [saturday, sunday, 2027-03-08]
            order: [4, 2, 3]
            day_breaks: [4]
            banners:
              - {text: LUNCH, before: 3}
              - {text: CREW SCREENING, day: 1}
        """,
    )
    days = whole.schedule["days"]
    assert [[row["ordinal"] for row in day["scenes"]] for day in days] == [[4], [2, 3], [1, 5]]
    assert [day["date"] for day in days] == ["2027-03-05", "2027-03-09", "2027-03-10"]
    assert [day["by_hand"] for day in days] == [True, True, False]
    assert days[0]["banners"] == [{"text": "CREW SCREENING", "before": None}]
    assert days[1]["banners"] == [{"text": "LUNCH", "before": "scene_3"}]


@pytest.mark.slow
def test_a_schedule_file_that_says_nothing_leaves_all_to_the_machine(tmp_path: Path) -> None:
    scenes = [scene("INT. DEN - DAY", 4), scene("EXT. SEA - NIGHT", 4)]
    alone = planned(tmp_path, *scenes).schedule
    for text in ("# later\n", "start:   # to be agreed\norder:\n"):
        assert planned(tmp_path, *scenes, by_hand=text).schedule == alone


def test_what_the_schedule_is_can_be_taken_as_the_file_to_change(tmp_path: Path) -> None:
    scenes = [scene(f"INT. PLACE {n % 3} - DAY", 3, "Ann") for n in range(6)]
    whole = planned(tmp_path, *scenes)
    again = planned(tmp_path, *scenes, by_hand=whole.attached["schedule.yaml"].decode())
    assert days(again) == days(whole)
    assert all(day["by_hand"] for day in again.schedule["days"])


def test_the_file_to_change_names_scenes_of_one_number_by_their_ids(tmp_path: Path) -> None:
    text = "INT. A - DAY #1#\n\nRope.\n\nINT. B - DAY #1#\n\nRope.\n"
    whole = film(ingest(tmp_path, text))
    schedule = tmp_path / "schedule.yaml"
    schedule.write_bytes(whole.attached["schedule.yaml"])
    assert days(film(ingest(tmp_path, text), schedule=schedule)) == days(whole)


def test_who_is_free_for_long_is_dropped_and_picked_up(tmp_path: Path) -> None:
    whole = planned(
        tmp_path,
        scene("INT. A - DAY", 8, "Ann"),
        *(scene(f"INT. B{n} - DAY", 8) for n in range(3)),
        scene("INT. C - DAY", 8, "Ann"),
        by_hand="order: [1, 2, 3, 4, 5, 6]\ndrop_after: 3\ntravel: [ben]",
    )
    ann, ben = whole.days["rows"]
    assert ann["codes"] == ["SWD", "", "", "", "PW", "WF"]
    assert [ann[key] for key in ("hold", "drop", "dropped_after", "picked_up", "total")] == [
        0,
        3,
        1,
        5,
        3,
    ]
    assert ben["codes"] == ["", "", "", "", "T", "SWF"]
    assert ben["travel"] == 2


def test_free_days_are_those_of_the_calendar_where_dates_are_known(tmp_path: Path) -> None:
    scenes = (
        scene("INT. A - DAY", 8, "Ann"),
        scene("INT. B - DAY", 8),
        scene("INT. C - DAY", 8, "Ann"),
    )
    text = "start: 2027-03-05\ndays_off: [saturday, sunday]\norder: [1, 2, 3, 4]\ndrop_after: 3"
    whole = planned(tmp_path, *scenes, by_hand=text)
    assert whole.days["rows"][0]["codes"] == ["SWD", "", "PW", "WF"]
