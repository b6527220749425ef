"""One cue at a time: who speaks, who is only heard; and what looks like a cue and is none is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.modules.module_bench import breakdown, ingest

HALL = "INT. HALL - DAY\n\nNothing.\n\n"


def made_of(tmp_path: Path, *cues: str) -> dict[str, Any]:
    script = ingest(tmp_path, HALL + "".join(f"{cue}\nsaid {n}\n\n" for n, cue in enumerate(cues)))
    return {**breakdown(script), "script": script}


def speakers(made: dict[str, Any]) -> list[tuple[list[str], bool]]:
    return [
        (e["speakers"], e.get("heard", False))
        for e in made["scene"]["scene_1"]["elements"]
        if e["type"] == "character"
    ]


@pytest.mark.parametrize(
    "cue",
    [
        "ÅSA (V.O.)",
        "ÅSA (VO)",
        "ÅSA [V.O.]",
        "ÅSA {V.O.}",
        "ÅSA <V.O.>",
        "ÅSA （Ｖ．Ｏ．）",
        "ÅSA 【V.O.】",
        "ÅSA 〔V.O.〕",
        "ÅSA (V. O.)",
        "ÅSA (v/o)",
        "ÅSA (V-O)",
        "ÅSA (VOICE-OVER)",
        "ÅSA VOICE OVER",
        "ÅSA (V.O.",
        "ÅSA V.O.)",
        "ÅSA, V.O.",
        "ÅSA - VO",
        "ÅSA: (V.O.)",
        "ÅSA (ON PHONE; V.O.)",
        "ÅSA (V.O. ON RADIO)",
        "ÅSA (CONT'D) (V.O.)",
        "ÅSA (V.O./CONT'D)",
        "ÅSA (VOZ EN OFF)",
        "ÅSA'S VOICE",
        "ÅSA’S VOICE",
        "THE VOICE OF ÅSA",
        "ÅSA'S VOICE ON PHONE",
        "ÅSA'S VOICE (OVER THE RADIO)",
        "ÅSA'S RECORDED VOICE",
        "VOICE OF ÅSA ON THE PHONE",
    ],
)
def test_a_voice_is_its_owner_heard(tmp_path: Path, cue: str) -> None:
    made = made_of(tmp_path, "ÅSA", cue)
    assert speakers(made) == [(["asa"], False), (["asa"], True)]
    assert [each["name"] for each in made["character"].values()] == ["ÅSA"]


@pytest.mark.parametrize(
    ("cues", "last"),
    [
        (["COP #1", "COP #2", "COP #1 & #2"], ["cop_1", "cop_2"]),
        (["COP 1", "COP 2", "COP 1/2"], ["cop_1", "cop_2"]),
        (["COP #1", "COP 1"], ["cop_1"]),
        (["COP NO. 1", "COP 1"], ["cop_1"]),
        (["ВИКТОР", "АННА", "ВИКТОР И АННА"], ["name_36b15c53", "name_80e29e9a"]),
        (["VERA", "YOUNG VERA", "VERA (YOUNG)"], ["young_vera"]),
        (["VERA", "VERA (YOUNG) (V.O.)"], ["young_vera"]),
        (["VERA", "MR. SMITH", "VERA w/ MR SMITH"], ["vera", "mr_smith"]),
        (["VERA", "TOM", "VERA, THEN TOM"], ["vera", "tom"]),
        (["VERA", "TOM", "VERA & TOM (V.O.)"], ["vera", "tom"]),
        (["VERA", "TOM", "VERA\\TOM"], ["vera", "tom"]),
        (["VERA", "VERA—"], ["vera"]),
        (["VERA", "VERA..."], ["vera"]),
        (["VERA", "VERA…"], ["vera"]),
        (["VERA", '"VERA"'], ["vera"]),
        (["VERA", "VERA!!"], ["vera"]),
        (["VERA", "VERA?"], ["vera"]),
        (["VERA", "(VERA)"], ["vera"]),
        (["VERA", "VERA /"], ["vera"]),
        (["VERA", "& VERA"], ["vera"]),
        (["VERA", "VERA*"], ["vera"]),
        (["VERA", "\u200bVERA\u200b"], ["vera"]),
        (["VERA", "\u202aVERA\u202c"], ["vera"]),
        (["VERA", "TOM", "VERA TO TOM"], ["vera"]),
        (["VERA", "TOM", "VERA & TOM'S VOICES"], ["vera", "tom"]),
        (["VERA", "VERA'S VOICES"], ["vera"]),
        (["MR. SMITH", "MR. AND MRS. SMITH"], ["mr_smith", "mrs_smith"]),
        (["MRS. SMITH", "MR. & MRS. SMITH"], ["mr_smith", "mrs_smith"]),
        (["VERA", "TITLE OVER BLACK:"], []),
        (["VERA", "SUPER OVER BLACK"], []),
        (["VERA", "TITLE CARD:"], []),
        (["VERA", "CHYRON ON SCREEN"], []),
    ],
)
def test_several_and_numbered_ones(tmp_path: Path, cues: list[str], last: list[str]) -> None:
    text = HALL + "".join(f"{'@' * any(map(str.islower, cue))}{cue}\nsaid\n\n" for cue in cues)
    heading = "ИНТ. ЗАЛ - ДЕНЬ\n\nНичего.\n\n" if "АННА" in cues else ""
    made = breakdown(ingest(tmp_path, heading + text))
    scene = made["scene"]["scene_2" if heading else "scene_1"]
    assert [e["speakers"] for e in scene["elements"] if e["type"] == "character"][-1] == last


def test_the_voice_of_an_inflected_name_is_that_of_who_bears_it(tmp_path: Path) -> None:
    text = (
        "ИНТ. ЗАЛ - ДЕНЬ\n\nВИКТОР\nДа.\n\nАННА\nНет.\n\nГОЛОС ВИКТОРА\nДа.\n\nГОЛОС АННЫ\nНет.\n"
    )
    made = breakdown(ingest(tmp_path, text))
    assert sorted(each["name"] for each in made["character"].values()) == ["АННА", "ВИКТОР"]
    text = "INT. CAVE - JOUR\n\nÉLODIE\nOui.\n\nLA VOIX D'ÉLODIE\nNon.\n\nVOIX D’ÉLODIE\nSi.\n"
    made = breakdown(ingest(tmp_path, text))
    assert list(made["character"]) == ["elodie"]


def test_a_hash_and_a_number_begin_a_name_and_no_section(tmp_path: Path) -> None:
    script = ingest(
        tmp_path, f"{HALL}#1 FAN (on phone)\nI am the first.\n\n# Act\n\n#2 Interval\n\nMore.\n"
    )
    kinds = [(e["type"], e["text"]) for e in script["elements"][2:]]
    assert kinds == [
        ("character", "#1 FAN"),
        ("dialogue", "I am the first."),
        ("section", "Act"),
        ("section", "2 Interval"),
        ("action", "More."),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "McDUFF",
        "ÅSA's MOTHER",
        "VERA and TOM",
        "BOB the BARMAN",
        "???",
        "山田",
        "مُحَمَّد",
        "דוד (V.O.)",
        "O'NEILL the 2nd",
        "Van DYKE",
        "007",
    ],
)
def test_what_is_hardly_a_cue_by_the_rules_is_told(tmp_path: Path, line: str) -> None:
    script = ingest(tmp_path, f"{HALL}{line}\nWhat is said.\n\nMore.\n")
    assert [(w["code"], w["line"]) for w in script["warnings"]] == [("likely-cue", 5)]
    assert script["elements"][2]["text"] == f"{line}\nWhat is said."


@pytest.mark.parametrize(
    "text",
    [
        "He enters.\nThen he leaves.",
        "The door\nopens slowly",
        "Bang!\nIt shuts.",
        "NASA calls\nthem back.",
        "A man\nin a hat.",
        "夜の街。\n雨。",
        "- one\n- two",
        "9:15\nSix more minutes.",
    ],
)
def test_plain_action_of_two_lines_is_not_told(tmp_path: Path, text: str) -> None:
    assert ingest(tmp_path, f"{HALL}{text}\n\nMore.\n")["warnings"] == []


def test_a_cue_with_nothing_but_an_aside_is_told(tmp_path: Path) -> None:
    script = ingest(tmp_path, f"{HALL}BOB\n(whispering)\n\nI was never here.\n\nBOB\nHello.\n")
    assert [(w["code"], w["line"]) for w in script["warnings"]] == [("cue-without-words", 5)]


@pytest.mark.parametrize(
    "line",
    [
        "SISÄ. KEITTIÖ - YÖ",
        "BINNEN. KEUKEN - NACHT",
        "İÇ. MUTFAK - GECE",
        "内景\u3000厨房\u3000夜",
        "INNEN. KÜCHE - NACHT",
        "ВНУТРИ. КУХНЯ - НОЧЬ",
        "INSIDE THE HOUSE - NIGHT",
        "SCENE 4 - THE KITCHEN",
        "屋内\u3000台所\u3000夜",
    ],
)
def test_headings_in_no_known_language_are_told_as_headings(tmp_path: Path, line: str) -> None:
    text = "INT. A - DAY\n\nSo.\n\nINT. B - DAY\n\nSo.\n\n"
    script = ingest(tmp_path, f"{text}{line}\n\nMore.\n")
    read = [e["text"] for e in script["elements"] if e["type"] == "scene_heading"]
    told = [w["code"] for w in script["warnings"]]
    assert told == ["likely-heading"] or read[-1] == line.replace("　", "　")


def test_one_speaker_before_the_first_heading_speaks(tmp_path: Path) -> None:
    script = ingest(tmp_path, f"Title: X\n\nNARRATOR\nOnce.\n\nIt rains.\n\n{HALL}")
    (group,) = script["warning_groups"]
    assert group["message"].endswith("; there NARRATOR speaks")
