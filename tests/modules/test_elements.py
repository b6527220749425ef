"""The elements of a scene: what tags and notes say, and what rules make of words, with a mark where to look again."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from tests.modules.module_bench import ROOT, breakdown, film, ingest, read_script, report

sys.path.insert(0, str(ROOT))
from benchmarks.elements import score

TAGGED = """<?xml version="1.0" encoding="UTF-8"?>
<FinalDraft DocumentType="Script" Template="No" Version="5">
<Content>
<Paragraph Number="1" Type="Scene Heading"><Text>INT. FORGE - DAY</Text></Paragraph>
<Paragraph Type="Action"><Text>Odo lifts the </Text><Text TagNumber="1">iron tongs</Text><Text> past a </Text>
<Text TagNumber="2">grey mule</Text><Text>.</Text></Paragraph>
</Content>
<TagData>
<TagCategories><TagCategory Id="c-prop" Name="Props" Number="5"/>
<TagCategory Id="c-ani" Name="Animals" Number="9"/></TagCategories>
<TagDefinitions><TagDefinition CatId="c-prop" Id="d1" Label="Iron tongs" Number="1"/>
<TagDefinition CatId="c-ani" Id="d2" Label="Grey mule" Number="2"/></TagDefinitions>
<Tags><Tag Number="1"><DefId>d1</DefId></Tag><Tag Number="2"><DefId>d2</DefId></Tag></Tags>
</TagData>
</FinalDraft>
"""


def scene(**fields: Any) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "heading": "INT. FORGE - DAY",
        "elements": [],
        "location": None,
        "characters": [],
    }
    return {**plain, **fields}


def of(made: dict[str, Any], *columns: str) -> list[tuple[Any, ...]]:
    return [tuple(row[column] for column in columns) for row in made["elements"]]


def elements(tmp_path: Path, action: str, speakers: str = "") -> list[tuple[Any, ...]]:
    cues = "".join(f"{name}\nHi.\n\n" for name in speakers.split(",") if name)
    made = breakdown(ingest(tmp_path, f"INT. A - DAY\n\n{action}\n\n{cues}"))
    return of(report(made["scene"]["scene_1"]), "category", "name")


def test_tags_of_final_draft_are_taken_as_said() -> None:
    tagged = scene(
        elements=[
            {"type": "action", "text": "Odo lifts the iron tongs past a grey mule.", "offset": 0}
        ],
        tags=[
            {"category": "Props", "name": "Iron tongs", "offset": 0, "quote": "Odo lifts the"},
            {"category": "Animals", "name": "Grey mule", "offset": 0, "quote": "past a grey mule"},
        ],
    )
    assert of(report(tagged), "category", "name", "source", "confidence", "to_check") == [
        ("props", "Iron tongs", "tag", 1.0, False),
        ("animals", "Grey mule", "tag", 1.0, False),
    ]
    assert report(tagged)["props"] == [
        {"name": "Iron tongs", "offset": 0, "quote": "Odo lifts the"}
    ]


def test_a_character_who_is_tagged_as_cast_is_not_listed_twice() -> None:
    tags = [
        {"category": "Cast Members", "name": name, "offset": 0, "quote": ""}
        for name in ("Mira", "Tall man")
    ]
    made = report(scene(characters=[{"id": "mira", "name": "MIRA"}], tags=tags))
    assert of(made, "category", "name") == [("cast", "Tall man")]


@pytest.mark.parametrize(
    ("label", "category"),
    [
        ("Cast Members", "cast"),
        ("Extras (Silent Bits)", "background"),
        ("Background Actors", "background"),
        ("Set Dressing", "set_dressing"),
        ("Make-up/Hair", "makeup"),
        ("Special Effects", "sfx"),
        ("Mechanical FX", "sfx"),
        ("Visual Effects", "vfx"),
        ("Special Equipment", "special_equipment"),
        ("Animals", "animals"),
        ("Vehicles", "vehicles"),
    ],
)
def test_the_categories_of_other_programs_are_known(label: str, category: str) -> None:
    tag = {"category": label, "name": "this", "offset": 0, "quote": ""}
    assert of(report(scene(tags=[tag])), "category", "name") == [(category, "this")]


def test_a_tag_of_a_category_of_ones_own_is_a_note_that_tells_it() -> None:
    tag = {"category": "Drones", "name": "big one", "offset": 0, "quote": ""}
    assert of(report(scene(tags=[tag])), "category", "name") == [("notes", "Drones: big one")]


def test_notes_with_a_label_are_taken_as_said(tmp_path: Path) -> None:
    text = (
        "INT. A - DAY\n\nHe waits. [[Prop: brass lamp, two keys]]\n\n[[VFX: the wall melts]]\n\n"
        "[[Background: six sailors]]\n\n[[I am not sure: is this scene needed?]]\n"
    )
    made = breakdown(ingest(tmp_path, text))
    assert of(report(made["scene"]["scene_1"]), "category", "name", "source") == [
        ("background", "six sailors", "note"),
        ("props", "brass lamp", "note"),
        ("props", "two keys", "note"),
        ("vfx", "the wall melts", "note"),
    ]


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("He lifts a BRASS LAMP.", [("props", "BRASS LAMP")]),
        ("TWO COPS wait. A CROWD gathers.", [("background", "TWO COPS"), ("background", "CROWD")]),
        ("A HORSE pulls a CART.", [("vehicles", "CART"), ("animals", "HORSE")]),
        ("A GUNSHOT. The door goes BANG!", [("sound", "GUNSHOT"), ("sound", "BANG")]),
        ("She wears a red COAT.", [("wardrobe", "COAT")]),
        ("An EXPLOSION.", [("sfx", "EXPLOSION")]),
        ("DRONE SHOT: the empty plain.", [("special_equipment", "DRONE")]),
        ("VFX: the sky melts. It is gone.", [("vfx", "the sky melts")]),
        ("He RUNS. She STOPS. They LISTEN.", []),
        ("CLOSE ON the DOOR.", []),
        ('The sign reads "KEEP OUT".', [("set_dressing", "sign")]),
        (
            "He picks up a knife and a loaf of bread.",
            [("props", "knife"), ("props", "loaf of bread")],
        ),
        ("A van stops. It moves like a cat.", [("vehicles", "van")]),
        ("Villagers wait.", [("background", "Villagers")]),
    ],
)
def test_words_are_sorted_by_what_they_are_the_names_of(
    tmp_path: Path, action: str, expected: list[tuple[str, str]]
) -> None:
    assert elements(tmp_path, action) == expected


def test_the_cast_are_no_elements(tmp_path: Path) -> None:
    assert elements(tmp_path, "BOB lifts a LAMP.", "BOB") == [("props", "LAMP")]


def test_who_speaks_is_no_prop_however_the_cue_is_marked(tmp_path: Path) -> None:
    text = (
        "INT. KITCHEN - DAY\n\nABEL, JR. (16) sulks at the table.\n\nABEL, JR.\nNot hungry.\n\n"
        '"UNCLE ROY"\nEat.\n\nQ! PRESENTER\nGood morning!\n\nROY, TESS & ABEL\nSsh!\n\n'
        "DR. O'NEIL, PH.D.\nWell now.\n"
    )
    made = breakdown(ingest(tmp_path, text))
    found = report(made["scene"]["scene_1"])
    assert found["props"] == []
    assert of(found, "category", "name") == [("set_dressing", "table")]


def test_the_tags_of_a_final_draft_file_are_on_the_board(tmp_path: Path) -> None:
    path = tmp_path / "forge.fdx"
    path.write_text(TAGGED, encoding="utf-8")
    (row,) = film(read_script(path)).board["rows"]
    assert row["elements"] == {"props": ["Iron tongs"], "animals": ["Grey mule"]}


def test_capitals_of_which_nothing_is_known_are_notes_to_be_checked(tmp_path: Path) -> None:
    made = breakdown(
        ingest(tmp_path, "INT. A - DAY\n\nDie alte ÖLLAMPE geht aus. A FLUXOMAT hums.\n")
    )
    found = report(made["scene"]["scene_1"])
    assert of(found, "category", "name", "to_check") == [
        ("notes", "ÖLLAMPE", True),
        ("notes", "FLUXOMAT", True),
    ]
    assert found["props"] == []


def test_what_rules_found_may_be_marked_to_check_and_what_was_said_never_is(tmp_path: Path) -> None:
    text = "INT. A - DAY\n\nA COP eats with a spoon.\n\n[[Prop: spoon]]\n"
    made = breakdown(ingest(tmp_path, text))
    assert of(report(made["scene"]["scene_1"]), "name", "source", "to_check") == [
        ("COP", "capitals", True),
        ("spoon", "note", False),
    ]


@pytest.mark.parametrize("held_out", [False, True])
def test_eight_of_ten_props_are_props_also_in_scenes_that_the_rules_were_not_tuned_on(
    tmp_path: Path, held_out: bool
) -> None:
    counts, _ = score(tmp_path, held_out)
    right, wrong = counts["props"]["right"], counts["props"]["wrong"]
    assert right + wrong >= 20
    assert right >= 0.8 * (right + wrong)


@pytest.mark.parametrize(
    ("action", "category", "name"),
    [
        ("Vera leaps across the gap.", "stunts", "leaps across the gap"),
        ("A cop tackles her.", "stunts", "tackles her"),
        ("Vera grabs the rope, is pulled under.", "stunts", "pulled under"),
        ("She slips and falls down the stairs.", "stunts", "falls down the stairs"),
        ("The van skids into the river.", "stunts", "skids into the river"),
        ("Night falls over the town.", "stunts", None),
        ("The glass falls off the table.", "stunts", None),
        ("She falls silent.", "stunts", None),
        ("Vera rubs a swollen eye.", "makeup", "swollen eye"),
        ("Vera stands there, her forehead bleeding.", "makeup", "forehead bleeding"),
        ("A broken chair.", "makeup", None),
        ("The door dissolves into dust.", "vfx", "dissolves into dust"),
        ("The pages float around the room.", "vfx", "float around the room"),
        ("She dematerializes.", "vfx", "dematerializes"),
        ("She turns around.", "vfx", None),
        ("The car turns into the yard.", "vfx", None),
    ],
)
def test_verbs_and_marked_bodies_tell_stunts_effects_and_make_up(
    tmp_path: Path, action: str, category: str, name: str | None
) -> None:
    scene = breakdown(ingest(tmp_path, f"INT. HALL - DAY\n\n{action}\n\nVERA\nHm.\n"))["scene"]
    found = {e["category"]: e for e in report(scene["scene_1"])["elements"]}
    assert found.get(category, {}).get("name") == name
    assert name is None or found[category]["to_check"]
