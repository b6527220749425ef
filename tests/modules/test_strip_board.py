"""The strip board lists the scenes in script order, with totals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from module_bench import FakeContext, Given, breakdown, data_of, given, ingest, report

from cineforge.model.errors import ModuleFailed


def board(made: dict[str, Any], context: FakeContext | None = None) -> dict[str, Any]:
    inputs = {
        "scene_index": Given(made["scene_index"]),
        "scene_reports": given({entity: report(scene) for entity, scene in made["scene"].items()}),
        "characters": given(made["character"]),
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
    }


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
    assert lights == [None, "night", "night", "night", None, None, "day", "day"]


def test_a_scene_without_a_report_is_named(tmp_path: Path) -> None:
    made = breakdown(ingest(tmp_path, "INT. ROOM - DAY\n\n"))
    made["scene_index"]["scenes"][0]["id"] = "scene_9"
    with pytest.raises(
        ModuleFailed, match="scene_index names scene_9, of which there is no scene_report"
    ):
        board(made)
