"""The shipped screenplay gives the facts that a reader finds in it; the generator's give what was asked for."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.modules.module_bench import SAMPLES, breakdown, ingest, report

CYBER_BOB = (SAMPLES / "cyber_bob_ep1.fountain").read_bytes()


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_screenplay", SAMPLES / "make_screenplay.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def long_screenplay(scenes: int, seed: int) -> str:
    text: str = generator().make_screenplay(scenes, seed)
    return text


def test_cyber_bob_has_three_scenes(tmp_path: Path) -> None:
    made = breakdown(ingest(tmp_path, CYBER_BOB))
    rows = [
        (r["id"], r["line"], made["scene"][r["id"]]["heading"])
        for r in made["scene_index"]["scenes"]
    ]
    assert rows == [
        ("scene_1", 23, "EXT. PARK--DAY"),
        ("scene_2", 129, "EXT. SUBURBAN TRAFFIC INTERSECTION--DAY"),
        ("scene_3", 154, "INT. TRAFFIC LIGHT HORIZONTAL BEAM--NIGHT"),
    ]


def test_cyber_bob_has_a_title_page_and_front_matter(tmp_path: Path) -> None:
    script = ingest(tmp_path, CYBER_BOB)
    assert [entry["key"] for entry in script["title_page"]] == [
        "title",
        "credit",
        "author",
        "source",
        "copyright",
        "contact",
    ]
    front = breakdown(script)["scene_index"]["front_matter"]
    assert [(e["type"], e["line"]) for e in front] == [
        ("note", 14),
        ("transition", 16),
        ("action", 18),
    ]
    assert [(w["line"], w["code"]) for w in script["warnings"]] == [(18, "before-first-heading")]


def test_cyber_bobs_speakers_are_found_in_their_scenes(tmp_path: Path) -> None:
    characters = breakdown(ingest(tmp_path, CYBER_BOB))["character"]
    assert {entity: payload["speaking_scenes"] for entity, payload in characters.items()} == {
        "bob": ["scene_1", "scene_3"],
        "boss": ["scene_2"],
        "cyber_bob": ["scene_1"],
        "cyber_boss": ["scene_1"],
        "dog": ["scene_1", "scene_3"],
        "margaret": ["scene_1"],
    }


def test_cyber_bobs_scenes_are_reported_as_a_reader_counts_them(tmp_path: Path) -> None:
    scenes = breakdown(ingest(tmp_path, CYBER_BOB))["scene"]
    told = report(scenes["scene_2"])
    assert (told["int_ext"], told["location"]) == ("exterior", "SUBURBAN TRAFFIC INTERSECTION")
    assert (told["time_of_day"], told["day_night"]) == ("DAY", "day")
    spoken = [(row["name"], row["speeches"], row["words"]) for row in told["characters"]]
    assert spoken == [("BOB", 0, 0), ("BOSS", 1, 24)]
    # 2 heading; blocks of 2, 1, 3, 5 and, with the cue and one wrapped line, 5 lines; 5 blank lines.
    assert (told["lines"], told["eighths"]) == (27, 4)
    third = report(scenes["scene_3"])
    assert {s["name"]: s["speeches"] for s in third["characters"]} == {"DOG": 10, "BOB": 11}


@pytest.mark.slow
def test_a_long_screenplay_has_the_scenes_asked_for_and_no_two_alike(tmp_path: Path) -> None:
    made = breakdown(ingest(tmp_path, long_screenplay(200, 1)))
    assert len(made["scene"]) == 200
    assert len({str(scene) for scene in made["scene"].values()}) == 200
    assert len(made["character"]) >= 12
    assert 100 <= made["scene_index"]["scenes"][-1]["start_eighths"] / 8 <= 200


@pytest.mark.slow
def test_a_long_screenplay_uses_every_kind_of_element(tmp_path: Path) -> None:
    script = ingest(tmp_path, long_screenplay(200, 1))
    assert {element["type"] for element in script["elements"]} == {
        "scene_heading",
        "action",
        "character",
        "dialogue",
        "parenthetical",
        "lyrics",
        "transition",
        "centered",
        "section",
        "synopsis",
        "note",
        "page_break",
    }
    assert any("dual" in element for element in script["elements"])
    assert script["warnings"] == []


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_element_stands_on_the_line_it_names(tmp_path: Path, seed: int) -> None:
    text = long_screenplay(60, seed)
    lines = text.split("\n")
    for element in ingest(tmp_path, text)["elements"]:
        plain = re.sub(r"[*_]", "", lines[element["line"] - 1])
        assert element["text"].split("\n")[0] in plain


def test_the_same_numbers_give_the_same_screenplay() -> None:
    command = [sys.executable, str(SAMPLES / "make_screenplay.py"), "--scenes", "5", "--seed", "7"]
    written = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    assert written == long_screenplay(5, 7)
    assert written != long_screenplay(5, 8)


def test_a_screenplay_without_scenes_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one scene"):
        long_screenplay(0, 1)


@pytest.mark.slow
def test_one_edit_in_a_long_screenplay_changes_one_scene(tmp_path: Path) -> None:
    text = long_screenplay(200, 1)
    before = breakdown(ingest(tmp_path, text))
    edited = text.replace("The tally on the wall says 77.", "The tally on the wall is gone.")
    after = breakdown(ingest(tmp_path, edited), before)
    changed = [
        scene for scene in after["scene"] if after["scene"][scene] != before["scene"].get(scene)
    ]
    assert changed == ["scene_77"]
    assert after["character"] == before["character"]
