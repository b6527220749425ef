"""Bibles tell what the reports of their own scenes tell; the cross-reference puts it in the script's order."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.modules.module_bench import MODULES, film, ingest

ATTIC = "INT. HOUSE - ATTIC - DAY\n\nMARA, 40, finds a LAMP.\n\nMARA\nA lamp!\n\n"
HALL = "INT. HOUSE - HALL - NIGHT\n\nTom waits.\n\nMARA (V.O.)\nTom?\n\nTOM\nHere I am.\n\n"
SHORE = "EXT. SHORE - DAY\n\nMara and Tom walk.\n\nTOM\nThere.\n\nTOM (CONT'D)\nLook.\n\n"


@pytest.mark.slow
def test_a_character_is_told_with_place_company_words_and_quotes(tmp_path: Path) -> None:
    bible = film(ingest(tmp_path, ATTIC + HALL + SHORE)).character_bibles["tom"]
    assert bible["totals"] == {
        "scenes": 2,
        "speaks": 2,
        "voice": 0,
        "silent": 0,
        "speeches": 3,
        "words": 5,
        "eighths": 4,
    }
    assert bible["with"] == [{"id": "mara", "name": "MARA", "scenes": ["scene_2", "scene_3"]}]
    assert [place["id"] for place in bible["locations"]] == ["house", "shore"]
    assert bible["scenes"][1] == {
        "scene": "scene_3",
        "heading": "EXT. SHORE - DAY",
        "location_id": "shore",
        "location": "SHORE",
        "int_ext": "exterior",
        "time_of_day": "DAY",
        "day_night": "day",
        "eighths": 2,
        "presence": "speaks",
        "speeches": 2,
        "words": 2,
        "with": ["mara"],
        "first_mention": {"offset": 2, "text": "Mara and Tom walk."},
        "first_line": {"offset": 5, "text": "There."},
        "last_line": {"offset": 8, "text": "Look."},
        "mentions": [{"offset": 2, "text": "Mara and Tom walk."}],
    }


@pytest.mark.slow
def test_in_a_crowd_a_bible_names_the_fifty_who_speak_most_and_counts_the_others(
    tmp_path: Path,
) -> None:
    crowd = "".join(f"PERSON N{n}\nHello there.\n\n" for n in range(60))
    again = "".join(f"PERSON N{n}\nOnce more.\n\n" for n in range(55, 60))
    script = "INT. HALL - DAY\n\nAll talk.\n\n" + crowd + "Silence.\n\n" + again
    bible = film(ingest(tmp_path, script)).character_bibles["person_n1"]
    (scene,) = bible["scenes"]
    assert (len(scene["with"]), scene["and_more"]) == (50, 9)
    assert {f"person_n{n}" for n in range(55, 60)} <= set(scene["with"])
    assert [row["id"] for row in bible["with"]] == scene["with"]


def test_a_location_is_told_with_parts_people_props_and_quotes(tmp_path: Path) -> None:
    bible = film(ingest(tmp_path, ATTIC + HALL + SHORE)).location_bibles["house"]
    assert bible["sublocations"] == [
        {"name": "ATTIC", "scenes": ["scene_1"]},
        {"name": "HALL", "scenes": ["scene_2"]},
    ]
    assert bible["props"] == [{"name": "LAMP", "scenes": ["scene_1"]}]
    assert [(p["id"], p["scenes"], p["words"]) for p in bible["characters"]] == [
        ("mara", ["scene_1", "scene_2"], 3),
        ("tom", ["scene_2"], 3),
    ]
    hall = bible["scenes"][1]
    assert hall["opening"] == {"offset": 2, "text": "Tom waits."}
    assert hall["first_line"] == {"character": "mara", "offset": 5, "text": "Tom?"}
    assert hall["last_line"] == {"character": "tom", "offset": 8, "text": "Here I am."}
    assert (bible["totals"]["day"], bible["totals"]["night"], bible["totals"]["words"]) == (1, 1, 6)


@pytest.mark.parametrize("before", ["INT. CAVE - DAY\n\nDark.\n\n", "Title: X\n\n> FADE IN:\n\n"])
def test_what_is_inserted_above_changes_no_bible_but_every_line(
    tmp_path: Path, before: str
) -> None:
    first = film(ingest(tmp_path, ATTIC + SHORE))
    second = film(ingest(tmp_path, before + ATTIC + SHORE))
    without_ids = [
        [{**row, "scene": None} for row in each.character_bibles["tom"]["scenes"]]
        for each in (first, second)
    ]
    assert without_ids[0] == without_ids[1]
    lines = [each.found["characters"][-1]["last_line"]["line"] for each in (first, second)]
    assert lines[1] - lines[0] == before.count("\n")


def test_first_and_last_follow_the_script_and_not_the_ids(tmp_path: Path) -> None:
    found = film(ingest(tmp_path, SHORE + HALL + ATTIC)).found
    assert [row["id"] for row in found["characters"]] == ["mara", "tom"]
    mara = found["characters"][0]
    assert (mara["first_mention"]["line"], mara["first_mention"]["text"]) == (
        3,
        "Mara and Tom walk.",
    )
    assert (mara["first_line"]["ordinal"], mara["first_line"]["text"]) == (2, "Tom?")
    assert (mara["last_line"]["ordinal"], mara["last_line"]["text"]) == (3, "A lamp!")
    assert [row["id"] for row in found["locations"]] == ["shore", "house"]


@pytest.mark.parametrize("kind", ["character", "location"])
def test_a_bible_reads_the_reports_of_its_own_scenes_only(kind: str) -> None:
    manifest = yaml.safe_load((MODULES / f"{kind}_bible/{kind}_bible_v1/module.yaml").read_text())
    assert manifest["inputs"] == {
        kind: {"type": kind},
        "scene_reports": {
            "type": "scene_report",
            "many": True,
            "select": f"{kind}#/scenes",
        },
    }
