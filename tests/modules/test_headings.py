"""One heading at a time: inside or outside, place, rooms, time, light, remarks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.modules.module_bench import breakdown, ingest


def slug(tmp_path: Path, heading: str) -> dict[str, Any]:
    text = f"INT. COTTAGE - NIGHT\n\nSomething.\n\n{heading}\n\nSomething.\n"
    made = breakdown(ingest(tmp_path, text))
    assert len(made["scene"]) == 2, heading
    read: dict[str, Any] = made["scene"]["scene_2"]["slug"]
    row = made["scene_index"]["scenes"][1]
    return {**read, "carried": row["day_night"], "number": row["number"]}


@pytest.mark.parametrize(
    "divider",
    [
        ": ",
        " : ",
        " | ",
        "|",
        " • ",
        " · ",
        " > ",
        " ~ ",
        " _ ",
        " → ",
        "; ",
        " ― ",
        " ‑ ",
        "‑",
        " − ",
        " ‐ ",
        "\xa0-\xa0",
        "\t-\t",
        " / ",
        ". ",
        ", ",
        " -- ",
        "——",
    ],
)
def test_any_mark_between_a_place_and_its_time_divides_them(tmp_path: Path, divider: str) -> None:
    read = slug(tmp_path, f"INT. MILL{divider}DAY")
    assert (read["location"], read["sublocations"]) == ("MILL", [])
    assert (read["time_of_day"], read["day_night"]) == ("DAY", "day")


@pytest.mark.parametrize(
    "heading",
    [
        "INT. AND EXT. MILL - DAY",
        "INT & EXT MILL - DAY",
        "EXT. / INT. MILL - DAY",
        "INT-EXT. MILL - DAY",
        "INT./EXT./INT. MILL - DAY",
        "INT. MILL / EXT. MILL - DAY",
        "INTERIOR/EXTERIOR MILL, DAY",
        "I./E. MILL. DAY",
        "EXT/INT: MILL: DAY",
    ],
)
def test_inside_and_outside_may_be_joined_in_any_way(tmp_path: Path, heading: str) -> None:
    read = slug(tmp_path, heading)
    assert (read["int_ext"], read["location"], read["day_night"]) == ("both", "MILL", "day")


@pytest.mark.parametrize(
    ("heading", "place", "rooms", "light"),
    [
        ("INT. MILL / EXT. POND - DAY", "MILL", ["POND"], "day"),
        ("INT/NIGHT - MILL", "MILL", [], "night"),
        ("EXT. NIGHT. MILL. LOFT", "MILL", ["LOFT"], "night"),
        ("INT. DAY - MILL - LOFT", "MILL", ["LOFT"], "day"),
        ("EXT. HILL - NIGHT - MILL - LATER", "HILL", ["MILL"], "night"),
        ("INT. DAY ROOM - NIGHT", "DAY ROOM", [], "night"),
        ("INT. NIGHT CLUB", "NIGHT CLUB", [], None),
        ("INT. 7-ELEVEN - DAY", "7-ELEVEN", [], "day"),
        ("EXT. CORNER 5TH & 42ND ST. - DAY", "CORNER 5TH & 42ND ST", [], "day"),
    ],
)
def test_places_stay_places(
    tmp_path: Path, heading: str, place: str, rooms: list[str], light: str | None
) -> None:
    read = slug(tmp_path, heading)
    assert (read["location"], read["sublocations"], read["light"]) == (place, rooms, light)


@pytest.mark.parametrize(
    ("time", "carried"),
    [
        ("AN INSTANT LATER", "night"),
        ("A HEARTBEAT LATER", "night"),
        ("ONE CUP OF TEA LATER", "night"),
        ("TEN PAGES EARLIER", "night"),
        ("SOMEWHAT LATER", "night"),
        ("TIMELESS", "night"),
        ("UNKNOWN TIME", "night"),
        ("JULY 4TH", "night"),
        ("JUNE 6, 1944", "night"),
        ("4 JULY", "night"),
        ("12.24.1999", "night"),
        ("CHRISTMAS EVE", "night"),
        ("WINTER", "night"),
        ("3 O'CLOCK", "night"),
        ("D4", "day"),
        ("N12", "night"),
        ("DAY (D4)", "day"),
        ("DAY #4", "day"),
        ("THREE A.M.", "night"),
        ("EIGHT AM", "day"),
        ("TWELVE PM", "day"),
        ("NINE P.M.", "night"),
        ("11.30 PM", "night"),
        ("IN THE SMALL HOURS", "night"),
        ("THE WITCHING HOUR", "night"),
        ("DEAD OF NIGHT", "night"),
        ("MORNING OF THE FUNERAL", "day"),
        ("NIGHT AFTER THE FIRE", "night"),
        ("THE MORNING AFTER", "day"),
        ("DAY FOR NIGHT", "day"),
        ("NIGHT FOR DAY", "night"),
    ],
)
def test_a_time_is_no_room_and_gives_or_carries_its_light(
    tmp_path: Path, time: str, carried: str
) -> None:
    read = slug(tmp_path, f"EXT. TOWER - {time}")
    assert (read["location"], read["sublocations"]) == ("TOWER", [])
    assert read["time_of_day"]
    assert read["carried"] == carried


@pytest.mark.parametrize(
    "remark",
    [
        "SECOND UNIT",
        "2ND UNIT",
        "VFX",
        "HANDHELD",
        "GREEN SCREEN",
        "CCTV",
        "PHONE CALL",
        "TIME LAPSE",
        "SLOW MO",
        "ANIMATED",
        "HOME VIDEO",
        "ON TV",
        "RAIN-SOAKED",
        "SEEN FROM ABOVE",
    ],
)
def test_what_follows_the_time_is_a_remark(tmp_path: Path, remark: str) -> None:
    read = slug(tmp_path, f"INT. TOWER - CELL - DAY - {remark}")
    assert (read["location"], read["sublocations"]) == ("TOWER", ["CELL"])
    assert read["remarks"] == [remark]


@pytest.mark.parametrize(
    ("line", "number", "place"),
    [
        ("SCENE 20: INT. BED - DAY", "20", "BED"),
        ("SCENE 21A - INT. BED - DAY", "21A", "BED"),
        ("Sc. 22 INT. BED - DAY", "22", "BED"),
        ("14) INT. BED - DAY", "14", "BED"),
        ("A15 INT. BED - DAY A15", "A15", "BED"),
        ("16-18 INT. BED - DAY 16-18", "16-18", "BED"),
        ("#19 INT. BED - DAY", "19", "BED"),
        ("(23) INT. BED - DAY", "23", "BED"),
        ("１　INT. BED - DAY", "1", "BED"),
        ("[24] INT. BED - DAY", "24", "BED"),
        ("25* INT. BED - DAY *", "25", "BED"),
        ("26\tINT. BED - DAY\t26", "26", "BED"),
        ("27A. INT. BED - DAY 27A.", "27A", "BED"),
        ("*28 INT. BED - DAY 28*", "28", "BED"),
    ],
)
def test_numbers_before_a_heading_however_they_stand(
    tmp_path: Path, line: str, number: str, place: str
) -> None:
    read = slug(tmp_path, line)
    assert (read["number"], read["location"], read["int_ext"]) == (number, place, "interior")


@pytest.mark.parametrize(
    "heading",
    [
        "INT. TOWER\\NIGHT",
        "INT. TOWER = NIGHT",
        "INT. TOWER\tNIGHT",
        "INT.\xa0TOWER\xa0-\xa0NIGHT",
        "\u200bINT. TOWER - NIGHT",
        "INT. TOWER - 2300 HRS",
        "INT. TOWER - 0300 HOURS",
        "INT. TOWER - NIGHT\u200f",
    ],
)
def test_odd_dividers_blanks_and_hours(tmp_path: Path, heading: str) -> None:
    read = slug(tmp_path, heading)
    assert (read["location"], read["sublocations"], read["day_night"]) == ("TOWER", [], "night")


def test_a_heading_is_shown_with_plain_blanks_alone(tmp_path: Path) -> None:
    script = ingest(tmp_path, "EXT.\tFIELD\u00a0-\tNIGHT\u200b\n\nA.\n")
    assert script["elements"][0]["text"] == "EXT. FIELD - NIGHT"
