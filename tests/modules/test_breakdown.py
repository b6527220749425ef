"""Scenes hold nothing of their place; characters are known by name; the index holds the rest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cineforge.model.names import check_entity
from tests.modules.module_bench import breakdown, ingest

A = "INT. ATTIC - DAY\n\nAlice looks for the old brass lamp.\n\nALICE\nWhere is it?\n\n"
B = "EXT. BEACH - DAY\n\nBob buries a heavy wooden chest.\n\nBOB\nNobody will find it.\n\n"
C = "INT. CELLAR - NIGHT\n\nCarl counts the bottles in the dark.\n\nCARL\nOne is missing.\n\n"
NEW = "EXT. DUNES - DAWN\n\nAn unknown ship appears between two clouds.\n\n"


def order(made: dict[str, Any]) -> list[str]:
    return [row["id"] for row in made["scene_index"]["scenes"]]


def made_of(tmp_path: Path, text: str, before: dict[str, Any] | None = None) -> dict[str, Any]:
    return breakdown(ingest(tmp_path, text), before)


def test_scenes_are_numbered_as_they_come(tmp_path: Path) -> None:
    made = made_of(tmp_path, A + B + C)
    assert order(made) == ["scene_1", "scene_2", "scene_3"]
    bob = {"character": "BOB", "speakers": ["bob"]}
    assert made["scene"]["scene_2"] == {
        "heading": "EXT. BEACH - DAY",
        "slug": {
            "int_ext": "exterior",
            "location": "BEACH",
            "sublocations": [],
            "time_of_day": "DAY",
            "day_night": "day",
            "light": "day",
            "follows": False,
            "remarks": [],
        },
        "elements": [
            {"type": "action", "text": "Bob buries a heavy wooden chest.", "offset": 2},
            {"type": "character", "text": "BOB", "offset": 4, **bob},
            {"type": "dialogue", "text": "Nobody will find it.", "offset": 5, **bob},
        ],
        "location": "beach",
        "characters": [{"id": "bob", "name": "BOB"}],
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (A + NEW + B + C, ["scene_1", "scene_4", "scene_2", "scene_3"]),
        (B + C, ["scene_2", "scene_3"]),
        (C + A + B, ["scene_3", "scene_1", "scene_2"]),
        ("Title: X\n\n# ACT\n\n> FADE IN:\n\n" + A + B + C, ["scene_1", "scene_2", "scene_3"]),
        (A.replace("DAY", "DAY #1#") + B + C, ["scene_1", "scene_2", "scene_3"]),
    ],
)
def test_inserting_cutting_moving_and_numbering_leave_all_other_scenes_alone(
    tmp_path: Path, text: str, expected: list[str]
) -> None:
    before = made_of(tmp_path, A + B + C)
    after = made_of(tmp_path, text, before)
    assert order(after) == expected
    for scene in set(expected) - {"scene_4"}:
        assert after["scene"][scene] == before["scene"][scene]


@pytest.mark.parametrize(
    "old, new", [("heavy wooden chest", "chest"), ("EXT. BEACH", "EXT. SHORE")]
)
def test_an_edited_scene_keeps_its_id(tmp_path: Path, old: str, new: str) -> None:
    before = made_of(tmp_path, A + B + C)
    after = made_of(tmp_path, (A + B + C).replace(old, new), before)
    assert order(after) == ["scene_1", "scene_2", "scene_3"]
    changed = [scene for scene in after["scene"] if after["scene"][scene] != before["scene"][scene]]
    assert changed == ["scene_2"]


def test_the_id_of_a_cut_scene_is_not_given_to_another(tmp_path: Path) -> None:
    first = made_of(tmp_path, A + B + C)
    second = made_of(tmp_path, A + B, first)
    third = breakdown(ingest(tmp_path, A + B + NEW), second, used={"scene_1", "scene_2", "scene_3"})
    assert order(third) == ["scene_1", "scene_2", "scene_4"]


def test_copies_of_a_scene_stay_in_the_order_they_had_after_a_move(tmp_path: Path) -> None:
    moved = made_of(tmp_path, B + B.replace("heavy", "light") + A)
    moved = made_of(tmp_path, B.replace("heavy", "light") + B + A, moved)
    assert order(moved) == ["scene_2", "scene_1", "scene_3"]
    # Both are now alike and unlike what they were: only the order tells them apart.
    again = made_of(tmp_path, ("EXT. BEACH - DAY\n\nGone.\n\n" * 2) + A, moved)
    assert order(again) == ["scene_2", "scene_1", "scene_3"]


def test_the_index_holds_what_depends_on_position(tmp_path: Path) -> None:
    text = (
        "> FADE IN:\n\n# ACT ONE\n\n= They meet.\n\n## Morning\n\nINT. ATTIC - DAY #1#\n\nA.\n\n"
        "## Noon\n\nEXT. BEACH - DAY\n\n# ACT TWO\n\n[[short]]\n\nEXT. DUNES - DAY #3A#\n"
    )
    index = made_of(tmp_path, text)["scene_index"]
    assert index["front_matter"] == [{"type": "transition", "text": "FADE IN:", "line": 1}]
    rows = [(r["ordinal"], r["number"], r["line"], r["sections"]) for r in index["scenes"]]
    assert rows == [
        (1, "1", 9, ["ACT ONE", "Morning"]),
        (2, None, 15, ["ACT ONE", "Noon"]),
        (3, "3A", 21, ["ACT TWO"]),
    ]
    titles = [
        (s["level"], s["title"], [r["text"] for r in s["remarks"]]) for s in index["sections"]
    ]
    assert titles == [
        (1, "ACT ONE", ["They meet."]),
        (2, "Morning", []),
        (2, "Noon", []),
        (1, "ACT TWO", ["short"]),
    ]


def test_text_after_a_section_within_a_scene_stays_in_the_scene(tmp_path: Path) -> None:
    made = made_of(
        tmp_path, "INT. ATTIC - DAY\n\nBefore.\n\n### Beat\n\n= Turn.\n\nAfter.\n\n= Synopsis.\n"
    )
    texts = [element["text"] for element in made["scene"]["scene_1"]["elements"]]
    assert texts == ["Before.", "After.", "Synopsis."]


def test_pages_are_counted_in_eighths_and_a_page_break_fills_its_page(tmp_path: Path) -> None:
    # Each scene takes 2 + 2 lines: 55 / 8 = 6.875 lines make an eighth.
    scene = "INT. ATTIC - DAY\n\nA.\n\n"
    index = made_of(tmp_path, scene * 4 + "===\n\n" + scene * 2)["scene_index"]
    assert [row["start_eighths"] for row in index["scenes"]] == [0, 0, 1, 1, 8, 8]


def test_one_character_has_many_spellings(tmp_path: Path) -> None:
    cues = ["BOB (V.O.)", "@Bob", "BOB  (CONT'D)", "BOB (CONT’D)", "O'NEIL", "O’NEIL"]
    text = "INT. A - DAY\n\n" + "".join(f"{cue}\nHi.\n\n" for cue in cues)
    assert made_of(tmp_path, text)["character"] == {
        "bob": {
            "name": "BOB",
            "scenes": ["scene_1"],
            "speaking_scenes": ["scene_1"],
            "extensions": ["CONT'D", "V.O."],
            "variants": ["BOB", "Bob"],
        },
        "oneil": {
            "name": "O'NEIL",
            "scenes": ["scene_1"],
            "speaking_scenes": ["scene_1"],
            "extensions": [],
            "variants": ["O'NEIL"],
        },
    }


def test_a_character_changes_only_with_the_scenes_he_speaks_in(tmp_path: Path) -> None:
    before = made_of(tmp_path, A + B + C)
    after = made_of(
        tmp_path, NEW + A + NEW.replace("ship", "bird") + B + "BOB (O.S.)\nHa!\n\n" + C, before
    )
    changed = [c for c in after["character"] if after["character"][c] != before["character"][c]]
    assert changed == ["bob"]


def test_scenes_of_a_character_are_sorted_by_number(tmp_path: Path) -> None:
    scenes = [f"INT. ROOM {n} - DAY\n\nBOB\nWord number {n} of many.\n\n" for n in range(1, 12)]
    before = made_of(tmp_path, "".join(scenes))
    after = made_of(tmp_path, "".join(reversed(scenes)), before)
    assert after["character"] == before["character"]
    assert after["character"]["bob"]["scenes"] == [f"scene_{n}" for n in range(1, 12)]


def test_every_name_gets_a_valid_id_of_its_own(tmp_path: Path) -> None:
    names = [
        "BOB-1",
        "BOB 1",
        "JOSÉ",
        "БОБ",
        "БАБА",
        "@小明",
        "@Ø",
        "DR. " + "X" * 150,
        "DR. " + "X" * 151,
    ]
    text = "INT. A - DAY\n\n" + "".join(f"{name}\nHi.\n\n" for name in names)
    ids = list(made_of(tmp_path, text)["character"])
    assert len(ids) == len(set(ids)) == len(names)
    assert [check_entity(entity) for entity in ids] == ids
    assert {"jose", "bob_1"} < set(ids)


def test_of_two_names_with_one_id_the_older_keeps_it(tmp_path: Path) -> None:
    before = made_of(tmp_path, "INT. A - DAY\n\nBOB-1\nHi.\n\n")
    after = made_of(tmp_path, "INT. A - DAY\n\nBOB 1\nHi.\n\nBOB-1\nHi.\n\n", before)
    assert after["character"]["bob_1"]["name"] == "BOB-1"
    assert len(after["character"]) == 2
