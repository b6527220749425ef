"""The strip board lists the scenes in script order, with totals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from module_bench import Given, breakdown, ingest, report, run

from cineforge.model.errors import ModuleFailed


def board(made: dict[str, Any]) -> dict[str, Any]:
    inputs = {
        "scene_index": Given(made["scene_index"]),
        "scene_reports": {
            entity: Given(report(scene), entity) for entity, scene in sorted(made["scene"].items())
        },
    }
    data: dict[str, Any] = run("strip_board_v1", inputs)["strip_board"].data
    return data


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
            "heading": "EXT. BEACH - DAY",
            "int_ext": "exterior",
            "location": "BEACH",
            "day_night": "day",
            "eighths": 10,  # 62 lines
            "pages": "1 2/8",
            "speakers": [],
        },
        {
            "ordinal": 2,
            "number": "1",
            "scene": "scene_1",
            "heading": "INT. ATTIC - NIGHT",
            "int_ext": "interior",
            "location": "ATTIC",
            "day_night": "night",
            "eighths": 1,  # 5 lines
            "pages": "1/8",
            "speakers": ["BOB"],
        },
    ]
    assert made["totals"] == {
        "scenes": 2,
        "eighths": 11,
        "pages": "1 3/8",
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
