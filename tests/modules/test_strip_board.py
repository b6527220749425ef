"""The strip board lists the scenes in script order, with totals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cineforge import ModuleFailed
from cineforge.testing import FakeContext
from tests.modules.module_bench import breakdown, data_of, ingest, report

#: What the index tells of no scene here.
UNTOLD: dict[str, Any] = {
    "elements": {},
    "omitted": False,
    "marks": [],
    "revisions": [],
}


def board(made: dict[str, Any], context: FakeContext | None = None) -> dict[str, Any]:
    inputs = {
        "scene_index": made["scene_index"],
        "scene_reports": {entity: report(scene) for entity, scene in made["scene"].items()},
        "characters": made["character"],
    }
    return data_of("strip_board", inputs, context)


def test_rows_stand_in_script_order_with_totals(tmp_path: Path) -> None:
    first = "INT. ATTIC - NIGHT #1#\n\nBOB\nHi.\n\n"
    second = "EXT. BEACH - DAY\n\n" + "Waves come and go.\n\n" * 30
    before = breakdown(ingest(tmp_path, first + second))
    made = board(breakdown(ingest(tmp_path, second + first), before))
    assert made["rows"] == [
        {
            "ordinal": 1,
            "number": None,
            "scene": "scene_2",
            "line": 1,
            "heading": "EXT. BEACH - DAY",
            "int_ext": "exterior",
            "location_id": "beach",
            "location": "BEACH",
            "sublocations": [],
            "day_night": "day",
            "eighths": 10,  # 62 lines
            "pages": "1 2/8",
            "estimated_minutes": 1.13,
            "description": "Waves come and go.",
            "cast": [],
            "voices": [],
            "props": [],
            **UNTOLD,
            "script_day": "D1",
            "light": "day",
        },
        {
            "ordinal": 2,
            "number": "1",
            "scene": "scene_1",
            "line": 63,
            "heading": "INT. ATTIC - NIGHT",
            "int_ext": "interior",
            "location_id": "attic",
            "location": "ATTIC",
            "sublocations": [],
            "day_night": "night",
            "eighths": 1,  # 5 lines
            "pages": "1/8",
            "estimated_minutes": 0.09,
            "description": "",
            "cast": ["bob"],
            "voices": [],
            "props": [],
            **UNTOLD,
            "script_day": "N1",
            "light": "night",
        },
    ]
    assert made["totals"] == {
        "scenes": 2,
        "eighths": 11,
        "pages": "1 3/8",
        "estimated_minutes": 1.22,
        "interior": 1,
        "exterior": 1,
        "both": 0,
        "day": 1,
        "night": 1,
        "dusk_dawn": 0,
        "omitted": 0,
    }


def test_the_days_of_the_story_are_counted_by_the_light_and_by_what_headings_say(
    tmp_path: Path,
) -> None:
    times = ["DAY", "LATER", "NIGHT", "NIGHT", "MORNING", "NEXT DAY", "NIGHT", "DAY"]
    text = "".join(f"INT. ROOM - {time}\n\n" for time in times)
    text += "INT. ROOM - DAY\n\n[[Script day: 9]]\n\nINT. ROOM - NIGHT\n\n"
    rows = board(breakdown(ingest(tmp_path, text)))["rows"]
    found = [row["script_day"] for row in rows]
    assert found == ["D1", "D1", "N1", "N1", "D2", "D3", "N3", "D4", "D9", "N9"]


def test_a_flashback_is_on_no_day_of_the_story(tmp_path: Path) -> None:
    made = breakdown(ingest(tmp_path, "INT. A - DAY\n\nINT. B - NIGHT\n\nINT. A - DAY\n\n"))
    made["scene_index"]["scenes"][1]["marks"] = ["flashback"]
    rows = board(made)["rows"]
    assert [row["script_day"] for row in rows] == ["D1", "FB", "D1"]
    assert rows[1]["marks"] == ["flashback"]


@pytest.mark.parametrize(
    ("lines", "mark", "day"),
    [
        (["She sits.", "FLASHBACK:", "He falls.", "END FLASHBACK.", "She weeps."], 1, "N1"),
        (["She sits.", "> FLASHBACK TO:", "He falls."], 1, "N1"),
        (["FLASHBACK:", "He falls.", "BACK TO PRESENT.", "She weeps."], 1, "N1"),
        (["BEGIN FLASHBACK:", "He falls.", "END FLASHBACK.", "She weeps."], 1, "N1"),
        (["FLASHBACK:", "He falls."], 0, "FB"),
    ],
)
def test_a_flashback_inside_a_scene_is_marked_and_leaves_the_scene_its_day(
    tmp_path: Path, lines: list[str], mark: int, day: str
) -> None:
    text = "\n\n".join(["INT. HALL - NIGHT", *lines, "INT. DEN - NIGHT", "He sleeps."])
    rows = board(breakdown(ingest(tmp_path, text)))["rows"]
    assert [row["marks"] for row in rows] == [[("flashback", "flashback inside")[mark]], []]
    assert rows[0]["script_day"] == day


def test_numbers_of_the_cast_are_those_that_the_index_keeps(tmp_path: Path) -> None:
    made = breakdown(ingest(tmp_path, "INT. A - DAY\n\nANN\nHi.\n\nBEN\nHi. Hi.\n\nCY\nHi.\n"))
    made["scene_index"]["cast"] = [
        {"number": 1, "id": "dora", "name": "DORA", "gone": True},
        {"number": 2, "id": "cy", "name": "CY"},
        {"number": 7, "id": "ann", "name": "ANN"},
    ]
    whole = board(made)
    assert [(row["number"], row["id"]) for row in whole["cast"]] == [
        (2, "cy"),
        (7, "ann"),
        (8, "ben"),
    ]
    assert whole["rows"][0]["cast"] == ["cy", "ann", "ben"]
    assert whole["gone"] == [{"number": 1, "name": "DORA"}]


def test_a_scene_that_goes_on_takes_the_light_of_the_one_before(tmp_path: Path) -> None:
    times = [
        "CONTINUOUS",
        "NIGHT",
        "SAME",
        "MOMENTS LATER",
        "LATER",
        "CONTINUOUS",
        "DAY",
        "CONTINUOUS",
    ]
    text = "".join(f"INT. ROOM - {time}\n\n" for time in times)
    lights = [row["day_night"] for row in board(breakdown(ingest(tmp_path, text)))["rows"]]
    assert lights == [None, "night", "night", "night", "night", "night", "day", "day"]


def test_a_scene_without_a_report_is_named(tmp_path: Path) -> None:
    made = breakdown(ingest(tmp_path, "INT. ROOM - DAY\n\n"))
    made["scene_index"]["scenes"][0]["id"] = "scene_9"
    with pytest.raises(
        ModuleFailed, match="scene_index names scene_9, of which there is no scene_report"
    ):
        board(made)
