"""What a script sets in capitals, and whom it names: seen as far as words alone can tell."""

from __future__ import annotations

from pathlib import Path

import pytest

from cineforge.model.errors import ModuleFailed
from tests.modules.module_bench import breakdown, ingest, report


def props(tmp_path: Path, action: str, speakers: str = "") -> list[str]:
    cues = "".join(f"{name}\nHi.\n\n" for name in speakers.split(",") if name)
    made = breakdown(ingest(tmp_path, f"INT. A - DAY\n\n{action}\n\n{cues}"))
    return [prop["name"] for prop in report(made["scene"]["scene_1"])["props"]]


def silent(tmp_path: Path, action: str, speakers: str = "") -> list[str]:
    cues = "".join(f"{name}\nHi.\n\n" for name in speakers.split(",") if name)
    text = f"INT. A - DAY\n\n{action}\n\nINT. B - DAY\n\n{cues}"
    return [
        person["id"]
        for person in breakdown(ingest(tmp_path, text))["scene"]["scene_1"]["characters"]
    ]


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("He lifts a BRASS LAMP.", ["BRASS LAMP"]),
        ("He lifts a BRASS LAMP and the brass LAMP.", ["BRASS LAMP"]),
        ("A LAMP. Later the same LAMP.", ["LAMP"]),
        ("A LAMP, a KEY -- and a MAP/BOOK.", ["LAMP", "KEY", "MAP", "BOOK"]),
        ("A .45 COLT and a VOLKSWAGEN T2.", ["COLT"]),
        ("He reads THE DAILY NEWS\nand a MAP.", ["MAP"]),
        ("CLOSE ON: the KEY.", ["KEY"]),
        ("ANGLE ON THE KEY, then PAN TO the door.", ["KEY"]),
        ("The door goes BANG! A GUNSHOT. KERPLUNK!", []),
        ("We CUT TO black and FADE OUT slowly. INTERCUT them.", []),
        ('The sign reads "KEEP OUT".', []),
        ("The sign reads “KEEP OUT”, a GUN beside it.", ["GUN"]),
        ("LATER THAT DAY", []),
        ("He waits. THE LIGHTS GO OUT. He runs.", []),
        ("I take A. He takes B.", []),
        ("He says NO and shrugs.", []),
    ],
)
def test_capitals_in_action_are_props_unless_their_words_tell_otherwise(
    tmp_path: Path, action: str, expected: list[str]
) -> None:
    assert props(tmp_path, action) == expected


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("BOB lifts a LAMP.", ["LAMP"]),
        ("BOB'S LAMP falls.", ["LAMP"]),
        ("POOR BOB drops it.", []),
        ("BOB AND THE LAMP fall.", ["LAMP"]),
        ("BOB SMITH drops it.", []),
    ],
)
def test_names_are_no_props(tmp_path: Path, action: str, expected: list[str]) -> None:
    assert props(tmp_path, action, speakers="BOB") == expected


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("Bob waits.", ["bob"]),
        ("He looks at BOB.", ["bob"]),
        ("Bob's hat is here.", ["bob"]),
        ("Bob’s hat is here.", ["bob"]),
        ("Cyber Bob waits.", ["cyber_bob"]),
        ("Cyber Bob waits. Bob runs.", ["cyber_bob", "bob"]),
        ("Dr. Fenwick waits.", ["dr_fenwick"]),
        ("Dr.\nFenwick waits.", ["dr_fenwick"]),
        ("The house of the Diver.", ["the_diver"]),
        ("Bobby waits.", []),
        ("They bob up and down.", []),
        ("A diver dives.", []),
        ("Cyber. Bob waits.", ["bob"]),
        ("O’Hara waits.", ["ohara"]),
    ],
)
def test_action_names_characters_as_whole_words_the_longest_name_first(
    tmp_path: Path, action: str, expected: list[str]
) -> None:
    speakers = "BOB,CYBER BOB,DR. FENWICK,THE DIVER,O'HARA"
    assert silent(tmp_path, action, speakers) == expected


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("A WAITRESS, 30s, waits.", ["waitress"]),
        ("THE OLD MAN (70) waits.", ["old_man"]),
        ("IDA, early 20s, and her BROTHER, a teen, wait.", ["ida"]),
        ("A COP, aged 45, waits.", ["cop"]),
        ("JOE the bartender, 50, wipes a glass.", ["joe"]),
        ("IDA, a nurse in her thirties, waits.", ["ida"]),
        ("ROSA (a widow, 66) prays.", ["rosa"]),
        ("TOM, in his late 40s, spits. HAL, mid-fifties, sings.", ["tom", "hal"]),
        ("KIT and her dog, 3, wait. LEO sees the fog, 50 feet away.", []),
        ("A GUN, a relic, 40 rounds left.", []),
        ("A BOMB, 10 seconds to go.", []),
        ("A ROPE, 30 feet long.", []),
        ("The YEAR, 1969, ends.", []),
        ("A GUN.", []),
    ],
)
def test_who_is_introduced_with_an_age_is_a_character_without_a_word(
    tmp_path: Path, action: str, expected: list[str]
) -> None:
    assert silent(tmp_path, action) == expected


def test_the_introduction_of_a_speaker_is_that_speaker(tmp_path: Path) -> None:
    made = breakdown(ingest(tmp_path, "INT. A - DAY\n\nOLD TOM, 60, waits.\n\nTOM\nHi.\n"))
    assert list(made["character"]) == ["tom"]


def test_a_voice_given_elsewhere_changes_only_the_scenes_that_name_it(tmp_path: Path) -> None:
    first = "INT. A - DAY\n\nThe Diver waits.\n\nINT. B - DAY\n\nNobody.\n\nINT. C - DAY\n\nNobody at all.\n"
    before = breakdown(ingest(tmp_path, first))
    after = breakdown(ingest(tmp_path, first + "\nTHE DIVER\nHi.\n"), before)
    changed = [s for s in after["scene"] if after["scene"][s] != before["scene"][s]]
    assert changed == ["scene_1", "scene_3"]


def test_a_speaker_whom_a_scene_edited_by_hand_does_not_list_is_named(tmp_path: Path) -> None:
    scene = breakdown(ingest(tmp_path, "INT. A - DAY\n\nBOB\nHi.\n"))["scene"]["scene_1"]
    scene["characters"] = []
    with pytest.raises(ModuleFailed, match=r"BOB speaks 2 lines below the heading 'INT\. A"):
        report(scene)


def test_a_location_keeps_its_id_and_gathers_its_parts(tmp_path: Path) -> None:
    text = "INT. HOUSE - HALL - DAY\n\nEXT. House--NIGHT\n\nINT. HOUSE - Attic\n\nINT--DAY\n"
    before = breakdown(ingest(tmp_path, text))
    named = {
        key: {k: v for k, v in each.items() if k != "variants"}
        for key, each in before["location"].items()
    }
    assert named == {
        "house": {
            "name": "HOUSE",
            "sublocations": ["Attic", "HALL"],
            "scenes": ["scene_1", "scene_2", "scene_3"],
        }
    }
    assert before["scene"]["scene_4"]["location"] is None
    after = breakdown(ingest(tmp_path, "INT. CAVE - DAY\n\nDark.\n\n" + text), before)
    assert after["location"]["house"] == before["location"]["house"]


@pytest.mark.parametrize(
    "line",
    [
        "A " * 9_000,
        "BOB BOB " * 2_000,
        "GO ON (" * 2_500,
        "“ „ « LAMP " * 1_500,
        "X. THE LIGHTS GO OUT. " * 900,
        "'-.' " * 3_000,
    ],
)
def test_capitals_without_end_are_read_to_the_end(tmp_path: Path, line: str) -> None:
    text = f"INT. A - DAY\n\n{(line + chr(10)) * 40}\nBOB\nHi.\n"
    made = breakdown(ingest(tmp_path, text))
    assert report(made["scene"]["scene_1"])["lines"] > 1_000
