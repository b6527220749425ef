"""The schedule groups scenes by place and light; the day-out-of-days tells who is needed when; all of it as CSV."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from module_bench import Film, film, helper, ingest


def scene(heading: str, eighths: int, *cast: str) -> str:
    """A scene of so many eighths of a page, in which all of the cast only stand."""
    named = f"{' and '.join(cast)} wait." if cast else "Nobody."
    filler = "Waves come and go.\n\n" * ((eighths * 7 - 6) // 2)
    return f"{heading}\n\n{named}\n\n{filler}"


def planned(tmp_path: Path, *scenes: str, eighths_a_day: int = 8) -> Film:
    everybody = "INT. ZOO - DAY\n\nANN\nHi.\n\nBEN\nHi.\n\n"
    return film(ingest(tmp_path, "".join((*scenes, everybody))), eighths_a_day)


def days(whole: Film) -> list[tuple[list[str], list[int]]]:
    return [
        (day["locations"], [row["ordinal"] for row in day["scenes"]])
        for day in whole.schedule["days"]
    ]


def table(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


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
    assert days(whole) == [(["HOUSE", "SHIP", "ZOO"], [5, 4, 6, 3, 1, 2, 7])]


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
    )
    ann, ben = whole.days["rows"]
    assert ann["codes"] == ["", "SW", "H", "W", "WF"]
    assert [ann[key] for key in ("start", "finish", "work", "hold", "total")] == [2, 5, 3, 1, 4]
    assert ben["codes"] == ["", "", "", "", "SWF"]


def test_the_tables_open_in_a_spreadsheet(tmp_path: Path) -> None:
    whole = planned(tmp_path, scene("INT. CAFÉ - DAY", 1, "Ann", "Ben"))
    board = table(whole.attached["strip_board.csv"])
    assert board[1][:8] == ["1", "", "scene_1", "INT. CAFÉ - DAY", "interior", "CAFÉ", "day", "1/8"]
    assert dict(zip(board[0], board[1], strict=True))["cast"] == "ANN; BEN"
    assert table(whole.attached["one_liner.csv"])[1][:4] == ["1", "1", "", "scene_1"]
    assert table(whole.attached["day_out_of_days.csv"]) == [
        ["number", "character", "day 1", "start", "finish", "work", "hold", "total"],
        ["1", "ANN", "SWF", "1", "1", "1", "0", "1"],
        ["2", "BEN", "SWF", "1", "1", "1", "0", "1"],
    ]
    found = table(whole.attached["cross_reference.csv"])
    assert found[1] == [
        "character",
        "ann",
        "ANN",
        "first_mention",
        "1",
        "scene_1",
        "3",
        found[1][7],
    ]


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx"])
def test_no_cell_becomes_a_formula(cell: str) -> None:
    csv_bytes: Any = helper("csv_table").csv_bytes
    assert table(csv_bytes(["a"], [[cell]]))[1] == [f"'{cell}"]


def test_commas_quotes_and_line_breaks_stay_in_their_cell() -> None:
    csv_bytes: Any = helper("csv_table").csv_bytes
    row = ['He said "no", twice', "one\ntwo", "a,b"]
    assert table(csv_bytes(["a", "b", "c"], [row]))[1] == row
