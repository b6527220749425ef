"""Small inputs, of each of which a breakdown was once wrong (`cases/`): who and where, by what the case says."""

from __future__ import annotations

from typing import Any

from tests.modules.module_bench import report
from tests.modules.reading_cases import made_of, names, slugs, speaking


def lights(made: dict[str, Any]) -> list[str | None]:
    return [row["day_night"] for row in made["scene_index"]["scenes"]]


def test_omitted_scenes_keep_their_numbers_and_nothing_else() -> None:
    made = made_of("f02b_omitted")
    rows = [
        (r["number"], r.get("omitted", False), r["day_night"])
        for r in made["scene_index"]["scenes"]
    ]
    assert rows == [
        ("1", False, "day"),
        ("2", True, None),
        ("3", True, None),
        ("4", True, None),
        ("5", False, "night"),
    ]
    assert [payload["name"] for payload in made["location"].values()] == ["BOATHOUSE"]
    for scene in ("scene_2", "scene_3", "scene_4"):
        told = report(made["scene"][scene])
        assert (told["eighths"], told["location"], told["characters"]) == (0, None, [])


def test_tags_of_a_final_draft_file_are_the_scenes() -> None:
    tags = made_of("f03_tags")["scene"]["scene_1"]["tags"]
    assert [(tag["category"], tag["name"]) for tag in tags] == [
        ("Props", "Iron tongs"),
        ("Animals", "Grey mule"),
    ]


def test_every_divider_parts_place_room_and_time() -> None:
    made = made_of("f05_heading_dividers")
    assert [payload["name"] for payload in made["location"].values()] == ["COTTAGE"]
    told = [(slug["sublocations"], slug["time_of_day"]) for slug in slugs(made)]
    assert told == [
        ([], "DAY"),
        ([], "NIGHT"),
        ([], "DAWN"),
        ([], "NIGHT (1868)"),
        ([], "DAY"),
        (["PANTRY"], "NIGHT"),
    ]


def test_times_and_remarks_are_no_rooms() -> None:
    made = made_of("f06_times")
    assert [payload["sublocations"] for payload in made["location"].values()] == [[]]
    assert lights(made) == ["day"] * 6 + ["night"]
    assert [slug["remarks"] for slug in slugs(made)][5:] == [["FLASHBACK"], ["ESTABLISHING"]]


def test_light_is_carried_over_whatever_follows_on_but_not_the_magic_hour() -> None:
    assert lights(made_of("n04_light_chain")) == [*["night"] * 5, "dusk/dawn", "night"]


def test_voices_and_cues_for_several_count_for_the_persons() -> None:
    made = made_of("f10_cues")
    assert names(made) == ["BESS", "ORRIN", "PIM"]
    assert speaking(made, "scene_1") == [
        ["orrin"],
        ["orrin"],
        ["bess"],
        ["orrin", "bess"],
        ["orrin", "bess"],
        ["bess", "pim"],
        ["pim"],
    ]
    heard = [
        e.get("heard", False)
        for e in made["scene"]["scene_1"]["elements"]
        if e["type"] == "character"
    ]
    assert heard == [False, True, False, False, False, False, False]
    assert [row["number"] for row in made["scene_index"]["cast"]] == [1, 2, 3]


def test_a_point_makes_no_other_person_and_names_alike_are_told() -> None:
    made = made_of("e12_slugs")
    assert len(made["character"]) == 9
    smith = next(payload for payload in made["character"].values() if "SMITH" in payload["name"])
    assert smith["variants"] == ["MR SMITH", "MR. SMITH"]
    assert smith["scenes"] == ["scene_1", "scene_2"]
    assert smith["remarks"]
    alike = {
        payload["name"]
        for payload in made["character"].values()
        if any("named like" in remark for remark in payload.get("remarks", ()))
    }
    assert alike == {
        *(
            "JEAN-LUC",
            "JEAN LUC",
            "JOSÉ",
            "JOSE",
            "O'BRIEN",
            "OBRIEN",
            "SGT. VANCE",
            "SERGEANT VANCE",
        )
    }


def test_a_flashback_is_marked_and_who_is_young_in_it_is_another() -> None:
    made = made_of("f14_inside")
    rows = made["scene_index"]["scenes"]
    assert [row["marks"] for row in rows] == [[], ["flashback"], [], ["intercut"]]
    told = [(mark["mark"], mark.get("turn")) for mark in made["scene"]["scene_1"]["marks"]]
    assert told == [("flashback", "begin")]
    assert "young_vera" in made["character"]
    assert made["character"]["young_vera"]["scenes"] == ["scene_2"]
    assert made["character"]["vera"]["scenes"] == ["scene_1", "scene_3", "scene_4"]


def test_who_is_younger_or_older_is_another_actor() -> None:
    assert names(made_of("n07_young")) == ["OLD VERA", "VERA", "YOUNG VERA"]


def test_somebody_named_but_not_there_is_counted_as_is_documented() -> None:
    # Whether a portrait or a memory is meant only its meaning tells; docs/screenplay.md says so.
    made = made_of("n06_named_not_there")
    assert [each["id"] for each in made["scene"]["scene_1"]["characters"]] == [
        "milo",
        "rosa",
        "otto",
    ]


def test_names_in_every_writing_are_persons() -> None:
    made = made_of("e06_names")
    assert len(made["character"]) == 10
    assert names(made)[:4] == ["MARÍA JOSÉ", "O'HARA", "ÉLODIE", "ŁUKASZ"]


def test_names_of_any_length_get_ids_of_their_own() -> None:
    made = made_of("e11_long_name")
    assert (len(made["character"]), len(made["location"])) == (2, 3)
