"""The schedule and the day-out-of-days as CSV, and what is wrong in the file that changes them."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from cineforge.model.errors import ModuleFailed
from tests.modules.module_bench import helper
from tests.modules.scheduling import planned, scene


def table(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def test_every_mistake_in_the_schedule_is_told_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(ModuleFailed) as told:
        planned(tmp_path, scene("INT. A - DAY", 1), by_hand="strat: 2027-03-01\ndays_off: [noday]")
    assert "schedule.yaml has 2 mistakes" in str(told.value)
    assert "schedule.yaml:1: " in str(told.value)
    with pytest.raises(ModuleFailed) as told:
        planned(
            tmp_path,
            scene("INT. A - DAY", 1),
            by_hand="start: 2027-02-31\norder: [1, 12,\n  1]\ntravel: [ANNE]\n",
        )
    assert str(told.value).splitlines() == [
        "schedule.yaml has 4 mistakes:",
        "schedule.yaml:1: start: there is no day 2027-02-31",
        "    write it as 2027-03-01",
        "schedule.yaml:2: order[1]: there is no scene '12' in the script",
        "    did you mean '2'?",
        "schedule.yaml:3: order[2]: scene '1' stands in the order already, in line 2",
        "    keep one of the two",
        "schedule.yaml:4: travel[0]: nobody of the cast is 'ANNE'",
        "    did you mean 'ann'?",
    ]


def test_a_start_that_no_calendar_holds_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ModuleFailed, match="start: 9999-12-31 is no day of our time"):
        planned(tmp_path, scene("INT. A - DAY", 1), by_hand="start: 9999-12-31\n")


def test_a_banner_that_stands_nowhere_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    planned(
        tmp_path, scene("INT. A - DAY", 1), by_hand="banners: [{day: 9, text: MOVE TO THE SEA}]\n"
    )
    assert "the banner 'MOVE TO THE SEA' stands nowhere: there are" in caplog.text


def test_the_tables_open_in_a_spreadsheet(tmp_path: Path) -> None:
    whole = planned(tmp_path, scene("INT. CAFÉ - DAY", 1, "Ann", "Ben"))
    board = table(whole.attached["strip_board.csv"])
    assert board[1][:8] == ["1", "", "scene_1", "INT. CAFÉ - DAY", "interior", "CAFÉ", "day", "1/8"]
    assert dict(zip(board[0], board[1], strict=True))["cast"] == "ANN; BEN"
    assert table(whole.attached["one_liner.csv"])[1][:4] == ["1", "1", "", "scene_1"]
    assert table(whole.attached["day_out_of_days.csv"]) == [
        [
            *(
                "number",
                "character",
                "day 1",
                "start",
                "finish",
                "work",
                "hold",
                "travel",
                "drop",
                "total",
            )
        ],
        ["1", "ANN", "SWF", "1", "1", "1", "0", "0", "0", "1"],
        ["2", "BEN", "SWF", "1", "1", "1", "0", "0", "0", "1"],
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


def test_mistakes_of_every_kind_are_told_in_one_go(tmp_path: Path) -> None:
    with pytest.raises(ModuleFailed) as told:
        planned(
            tmp_path,
            scene("INT. A - DAY", 1),
            by_hand="order: [1, 99, 1]\nday_breaks: 5\nstart: tomorrow\nfoo: 1\ntravel: [NOBODY]\n"
            "days_off: [Saturday, funday, 2027-13-01]\nbanners: [{text: LUNCH}, {day: 0, text: Z}]\n",
        )
    places = [
        line.split(": ")[1]
        for line in str(told.value).splitlines()
        if line.startswith("schedule.yaml:")
    ]
    assert places == [
        *("order[1]", "order[2]", "day_breaks", "start", "foo", "travel[0]"),
        *("days_off[1]", "days_off[2]", "banners[1].day", "banners[0]"),
    ]
    assert "did you mean 'sunday'?" in str(told.value)
    assert "give it either 'day' or 'before'" in str(told.value)
