"""A scene report tells where, when, how long, and who speaks how much."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.modules.module_bench import breakdown, ingest, report


def parts(heading: str) -> tuple[str | None, str | None, list[str], str | None, str | None]:
    made = report({"heading": heading, "elements": [], "location": None, "characters": []})
    return (
        made["int_ext"],
        made["location"],
        made["sublocations"],
        made["time_of_day"],
        made["day_night"],
    )


@pytest.mark.parametrize(
    ("heading", "told"),
    [
        ("INT. HOUSE - DAY", ("interior", "HOUSE", [], "DAY", "day")),
        ("ext house - night", ("exterior", "house", [], "NIGHT", "night")),
        ("EXT. PARK--DAY", ("exterior", "PARK", [], "DAY", "day")),
        ("INT--DAY", ("interior", None, [], "DAY", "day")),
        ("INT. HOUSE – KITCHEN — DUSK", ("interior", "HOUSE", ["KITCHEN"], "DUSK", "night")),
        ("INT. A - B - C - DAWN", ("interior", "A", ["B", "C"], "DAWN", "day")),
        ("INT./EXT. CAR - DAY", ("both", "CAR", [], "DAY", "day")),
        ("EXT/INT CAR - DAY", ("both", "CAR", [], "DAY", "day")),
        ("I/E. CAR - CONTINUOUS", ("both", "CAR", [], "CONTINUOUS", None)),
        ("EST. CITY - MAGIC HOUR", ("exterior", "CITY", [], "MAGIC HOUR", "dusk/dawn")),
        ("INT. HOUSE - NIGHT [LATER]", ("interior", "HOUSE", [], "NIGHT", "night")),
        ("INT. CAR - DAY / DRIVING", ("interior", "CAR", [], "DAY", "day")),
        ("INT. HOUSE / HALL - PRE-DAWN", ("interior", "HOUSE", ["HALL"], "PRE-DAWN", "day")),
        ("INT. HOUSE", ("interior", "HOUSE", [], None, None)),
        ("INT. SCHOOL - DAY ROOM", ("interior", "SCHOOL", ["DAY ROOM"], None, None)),
        ("INT. JEAN-LUC'S - LATER", ("interior", "JEAN-LUC'S", [], "LATER", None)),
        ("INT. HOUSE - THE SAME TIME", ("interior", "HOUSE", [], "THE SAME TIME", None)),
        ("INT. HOUSE - LATER THAT NIGHT", ("interior", "HOUSE", [], "LATER THAT NIGHT", "night")),
        ("INT. HOUSE - DAY - CONTINUOUS", ("interior", "HOUSE", [], "DAY - CONTINUOUS", "day")),
        ("INT. HOUSE - DAY/NIGHT", ("interior", "HOUSE", [], "DAY/NIGHT", None)),
        ("INT. HOUSE - NIGHT (FLASHBACK)", ("interior", "HOUSE", [], "NIGHT", "night")),
        ("INT. HOUSE - CHRISTMAS MORNING", ("interior", "HOUSE", [], "CHRISTMAS MORNING", "day")),
        ("INT. HOUSE - 3:00 P.M.", ("interior", "HOUSE", [], "3:00 P.M.", "day")),
        ("INT. HOUSE - 10 YEARS LATER", ("interior", "HOUSE", [], "10 YEARS LATER", None)),
        ("FLASHBACK", (None, "FLASHBACK", [], None, None)),
        ("THE PIT - NIGHT", (None, "THE PIT", [], "NIGHT", "night")),
        ("INTERMEZZO - DAY", (None, "INTERMEZZO", [], "DAY", "day")),
        ("ÉCOLE - JOUR", (None, "ÉCOLE", ["JOUR"], None, None)),
        ("", (None, None, [], None, None)),
    ],
)
def test_a_heading_is_read_by_its_words(
    heading: str, told: tuple[str | None, str | None, list[str], str | None, str | None]
) -> None:
    assert parts(heading) == told


def test_speeches_and_words_are_counted_by_speaker(tmp_path: Path) -> None:
    text = (
        "INT. HOUSE - DAY\n\nBOB\n(very softly)\nOne two.\nThree.\n\nTED (V.O.)\nFour.\n\nBob nods.\n\n"
        "BOB (CONT'D)\n~five six\nSeven.\n\n@Bob\nEight.\n"
    )
    made = report(breakdown(ingest(tmp_path, text))["scene"]["scene_1"])
    spoken = [(row["name"], row["speeches"], row["words"]) for row in made["characters"]]
    assert spoken == [("BOB", 3, 7), ("TED", 1, 1)]
    assert made["dialogue_words"] == 8


def test_the_length_is_counted_on_the_usual_layout(tmp_path: Path) -> None:
    # Heading and blank 2; action 1 + 1; speech 1 + 1 + 1.
    text = "INT. HOUSE - DAY\n\nHe waits.\n\nBOB\nHello.\n"
    made = report(breakdown(ingest(tmp_path, text))["scene"]["scene_1"])
    assert (made["lines"], made["eighths"]) == (7, 2)
