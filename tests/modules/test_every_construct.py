"""The sample that holds every construct of Fountain, and what a person counts in it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.modules.module_bench import SAMPLES, Film, film, ingest

TEXT = (SAMPLES / "every_construct.fountain").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Film:
    """The sample, with days of one page."""
    return film(ingest(tmp_path_factory.mktemp("story"), TEXT), eighths_a_day=8)


def test_every_type_of_element_is_there_as_often_as_it_is_written(tmp_path: Path) -> None:
    script = ingest(tmp_path, TEXT)
    assert Counter(element["type"] for element in script["elements"]) == {
        "scene_heading": 10,
        "action": 11,
        "character": 8,
        "dialogue": 8,
        "parenthetical": 1,
        "lyrics": 1,
        "transition": 4,
        "centered": 1,
        "section": 3,
        "synopsis": 2,
        "note": 2,
        "page_break": 1,
    }
    assert script["warnings"] == []
    assert [entry["key"] for entry in script["title_page"]] == [
        "title",
        "credit",
        "author",
        "draft date",
        "contact",
    ]


def test_scenes_are_told_apart_whatever_their_headings(whole: Film) -> None:
    rows = [(r["number"], r["line"], r["heading"], r["int_ext"]) for r in whole.board["rows"]]
    assert rows == [
        ("1", 20, "INT. KITCHEN - DAY", "interior"),
        ("2", 44, "EXT. GARDEN--DAY", "exterior"),
        (None, 60, "INT. KITCHEN - DAY", "interior"),
        (None, 64, "INT. KITCHEN - NIGHT", "interior"),
        (None, 73, "INT. KITCHEN - CONTINUOUS", "interior"),
        ("M1", 79, "MONTAGE", None),
        (None, 88, "INT--DAY", "interior"),
        ("7A", 94, "INT./EXT. CAR - DUSK", "both"),
        (None, 106, "I/E. CAR - LATER", "both"),
        (None, 110, "EST. CITY - NIGHT", "exterior"),
    ]


def test_who_is_in_a_scene_is_told_with_how(whole: Film) -> None:
    present = {
        scene: {row["id"]: row["presence"] for row in report["characters"]}
        for scene, report in whole.reports.items()
    }
    assert present == {
        "scene_1": {"ada": "speaks", "waitress": "silent", "ben": "speaks"},
        "scene_2": {"ben": "speaks", "ada": "speaks"},
        "scene_3": {},
        "scene_4": {"mcallister": "voice"},
        "scene_5": {"ben": "silent"},
        "scene_6": {"ada": "silent", "ben": "silent"},
        "scene_7": {},
        "scene_8": {"ada": "speaks", "ben": "silent", "mcallister": "voice"},
        "scene_9": {"ben": "silent"},
        "scene_10": {},
    }


def test_speeches_words_and_extensions_are_counted_for_each_character(whole: Film) -> None:
    told = {
        entity: (bible["totals"]["speeches"], bible["totals"]["words"], bible["extensions"])
        for entity, bible in whole.character_bibles.items()
    }
    assert told == {
        # 3 + 3, 1; 3 and 4 + 5 sung; 2.
        "ada": (4, 21, ["CONT'D", "into phone"]),
        # 5; 3.
        "ben": (2, 8, ["O.S."]),
        # 3; 5.
        "mcallister": (2, 8, ["CONT'D", "V.O."]),
        "waitress": (0, 0, []),
    }


def test_locations_gather_the_scenes_of_all_their_headings(whole: Film) -> None:
    assert {entity: payload["scenes"] for entity, payload in whole.made["location"].items()} == {
        "kitchen": ["scene_1", "scene_3", "scene_4", "scene_5"],
        "garden": ["scene_2"],
        "montage": ["scene_6"],
        "car": ["scene_8", "scene_9"],
        "city": ["scene_10"],
    }


def test_props_are_capitals_that_are_no_person_sound_shot_or_text(whole: Film) -> None:
    props = {scene: [p["name"] for p in r["props"]] for scene, r in whole.reports.items()}
    assert {scene: names for scene, names in props.items() if names} == {
        "scene_1": ["COPPER KEY", "DINNER BELL"],
        "scene_5": ["DINNER BELL"],
        "scene_8": ["WOOL BLANKET"],
    }


def test_dual_dialogue_length_and_minutes_are_counted(whole: Film) -> None:
    assert [s for s, r in whole.reports.items() if r["dual_dialogues"]] == ["scene_2"]
    first = whole.reports["scene_1"]
    # Heading 2; action of two wrapped lines 5; action 2; speeches 5, 3 and 3; transition 2.
    assert (first["lines"], first["eighths"], first["estimated_minutes"]) == (22, 4, 0.4)
    assert whole.board["totals"]["eighths"] == 4 + 2 + 1 + 2 + 1 + 2 + 1 + 2 + 1 + 1
    assert whole.board["totals"]["pages"] == "2 1/8"


def test_first_and_last_are_found_in_the_source(whole: Film) -> None:
    lines = TEXT.split("\n")
    places = {
        row["id"]: [
            row[what] and row[what]["line"] for what in ("first_mention", "first_line", "last_line")
        ]
        for row in whole.found["characters"]
    }
    assert places == {
        "ada": [24, 31, 102],
        "waitress": [25, None, None],
        "ben": [34, 35, 53],
        "mcallister": [68, 69, 99],
    }
    assert [(row["name"], row["first_seen"]["line"]) for row in whole.found["props"]] == [
        ("COPPER KEY", 24),
        ("DINNER BELL", 25),
        ("WOOL BLANKET", 96),
    ]
    assert lines[101] == "We will."


def test_every_mention_stands_on_the_line_it_names(whole: Film) -> None:
    lines = TEXT.split("\n")
    index = {place["id"]: place["line"] for place in whole.made["scene_index"]["scenes"]}
    quotes = [
        (lines[index[row["scene"]] + mention["offset"] - 1], mention["text"])
        for bible in whole.character_bibles.values()
        for row in bible["scenes"]
        for mention in row["mentions"]
    ]
    assert len(quotes) == 10
    assert [line for line, text in quotes if text not in line] == []


def test_scenes_that_go_on_take_the_light_of_the_one_before(whole: Film) -> None:
    lights = [row["day_night"] for row in whole.board["rows"]]
    assert lights == [
        *("day", "day", "day", "night", "night"),
        *("night", "day", "night", "night", "night"),
    ]


def test_the_schedule_stays_in_one_place_and_within_its_pages(whole: Film) -> None:
    days = [
        (d["locations"], d["eighths"], [s["ordinal"] for s in d["scenes"]])
        for d in whole.schedule["days"]
    ]
    assert days == [
        (["KITCHEN"], 8, [1, 3, 4, 5]),
        (["GARDEN"], 3, [2, 7]),
        (["CAR", "MONTAGE", "CITY"], 6, [8, 9, 6, 10]),
    ]


def test_days_of_work_have_their_codes_and_voices_have_none(whole: Film) -> None:
    assert {row["id"]: row["codes"] for row in whole.days["rows"]} == {
        "ben": ["SW", "W", "WF"],
        "ada": ["SW", "W", "WF"],
        "waitress": ["SWF", "", ""],
    }


def test_windows_line_ends_change_nothing(tmp_path: Path) -> None:
    assert ingest(tmp_path, TEXT.replace("\n", "\r\n")) == ingest(tmp_path, TEXT)
