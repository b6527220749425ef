"""Small inputs, each of which was once read wrongly (`cases/`): what is right, by the Fountain syntax, by Final Draft's
own settings, or as an assistant director writes it."""

from __future__ import annotations

from typing import Any

import pytest

from cineforge import ModuleFailed
from tests.modules.module_bench import breakdown, film, report
from tests.modules.reading_cases import made_of, names, script_of, slugs, speaking


def cues(script: dict[str, Any]) -> list[str]:
    return [e["text"] for e in script["elements"] if e["type"] == "character"]


def headings(script: dict[str, Any]) -> list[tuple[str | None, str]]:
    return [
        (e.get("number"), e["text"]) for e in script["elements"] if e["type"] == "scene_heading"
    ]


def codes(script: dict[str, Any]) -> list[tuple[str, int]]:
    return [(w["code"], w["line"]) for w in script["warnings"]]


@pytest.mark.slow
def test_what_is_shouted_is_said() -> None:
    script = script_of("n01_shouted_speech")
    assert cues(script) == ["PIA", "OSKAR", "PIA", "OSKAR"]
    said = [e["text"] for e in script["elements"] if e["type"] == "dialogue"]
    assert said == ["NO.", "WAIT FOR THE GREEN LAMP", "I...", "I did.", "STOP!"]
    assert script["warnings"] == []
    whole = film(script)
    assert [row["name"] for row in whole.board["cast"]] == ["OSKAR", "PIA"]
    assert whole.reports["scene_1"]["props"] == []


def test_a_cue_may_hold_any_mark() -> None:
    script = script_of("n02_cue_marks")
    found = ["ABEL, JR.", '"UNCLE ROY"', "Q! PRESENTER", "ROY, TESS & ABEL", "DR. O'NEIL, PH.D."]
    assert cues(script) == found
    assert script["warnings"] == []
    made = breakdown(script)
    assert names(made) == ['"UNCLE ROY"', "ABEL, JR.", "DR. O'NEIL, PH.D.", "Q! PRESENTER", "TESS"]
    assert speaking(made, "scene_1")[3] == ["uncle_roy", "tess", "abel_jr"]


def test_a_comment_may_part_a_transition_from_a_heading() -> None:
    script = script_of("f08c_boneyard_spec_form")
    assert headings(script) == [(None, "INT. SHED - DAY"), (None, "EXT. LONG MEADOW - DAY")]
    assert [(e["text"], e["line"]) for e in script["elements"] if e["type"] == "transition"] == [
        ("CUT TO:", 5)
    ]
    assert script["warnings"] == []


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "f08_boneyard_heading",
            ["INT. MILL - DAY", "EXT. MILL POND - DAY", "EXT. MILL ROAD - NIGHT"],
        ),
        ("f08b_boneyard_heading_follows_text", ["INT. MILL - DAY", "EXT. MILL POND - DAY"]),
    ],
)
def test_a_comment_beside_a_heading_leaves_it_one(name: str, expected: list[str]) -> None:
    assert [text for _, text in headings(script_of(name))] == expected


def test_numbers_left_and_right_of_a_heading_are_taken_off_and_told() -> None:
    script = script_of("f12_numbered")
    assert headings(script) == [
        ("1", "INT. CELLAR - NIGHT"),
        ("2A", "EXT. VINEYARD - DAY"),
        (None, "INT. CELLAR - DAY"),
    ]
    assert codes(script) == [("numbered-heading", 1), ("numbered-heading", 5)]


def test_capitals_of_final_draft_settings_are_capitals() -> None:
    script = script_of("f01_allcaps")
    assert [(e["type"], e["text"]) for e in script["elements"]] == [
        ("scene_heading", "INT. GREENHOUSE - DAY"),
        ("action", "Mira waters a fern."),
        ("character", "MIRA"),
        ("dialogue", "Drink up."),
        ("transition", "CUT TO:"),
    ]
    made = breakdown(script)
    assert names(made) == ["MIRA"]
    assert [payload["name"] for payload in made["location"].values()] == ["GREENHOUSE"]


def test_acts_of_television_part_the_scenes_and_double_spacing_counts_twice() -> None:
    script = script_of("f04_tv")
    assert script["warnings"] == []
    made = breakdown(script)
    rows = [(row["number"], row["sections"]) for row in made["scene_index"]["scenes"]]
    assert rows == [("A", ["COLD OPEN"]), ("B", ["ACT ONE"])]
    actions = [
        e["text"] for s in made["scene"].values() for e in s["elements"] if e["type"] == "action"
    ]
    assert actions == ["A dryer turns.", "Crickets."]
    assert report(made["scene"]["scene_1"])["eighths"] == 7


def test_what_stands_before_the_first_heading_is_warned_of_with_its_speakers() -> None:
    script = script_of("f07_speech_before_heading")
    assert codes(script) == [("before-first-heading", line) for line in (3, 6, 9)]
    (group,) = script["warning_groups"]
    assert (group["count"], group["lines"]) == (3, [3, 6, 9])
    assert "lines 3, 6, 9" in group["message"]
    assert "NARRATOR, HANNE speak" in group["message"]


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        (
            "f09_title_keys",
            ["title", "credit", "author", "network", "episode title", "draft date", "contact"],
        ),
        ("f09b_title_keys_capital", ["title", "network", "episode title", "contact"]),
    ],
)
def test_the_title_page_takes_any_key_in_any_case(name: str, keys: list[str]) -> None:
    script = script_of(name)
    assert [entry["key"] for entry in script["title_page"]] == keys
    assert script["title_page"][-1]["value"] == "1 Quay Street"
    assert script["elements"][0]["type"] == "scene_heading"


def test_headings_in_other_languages_are_read_and_the_languages_told() -> None:
    script = script_of("f11_languages")
    made = breakdown(script)
    told = [(slug["int_ext"], slug["location"], slug["day_night"]) for slug in slugs(made)]
    assert told == [
        ("interior", "KÜCHE", "night"),
        ("exterior", "HOF", "day"),
        ("interior", "CUISINE", "night"),
        ("exterior", "PATIO", "day"),
        ("interior", "КУХНЯ", "night"),
        ("exterior", "ДВОР", "day"),
    ]
    assert set(script["vocabulary"]["languages"]) == {"de", "ru", "fr", "es", "en"}
    assert script["vocabulary"]["chosen"] == "found"


def test_scene_numbers_of_every_form_are_taken_off() -> None:
    assert headings(script_of("e01_scene_numbers")) == [
        ("1", "INT. BARN - DAY"),
        ("12A", "INT. BARN - DAY"),
        ("110-A", "INT. BARN - NIGHT"),
        ("1.5.", "INT. BARN - DAY (1944)"),
        ("I-1-A", "LOFT"),
        (None, "INT. BARN - DAY"),
    ]


def test_dual_dialogue_pairs_two_and_two() -> None:
    script = script_of("e02_dual")
    assert cues(script) == ["ANSEL", "BRUNA", "ANSEL", "McRae"]
    assert all(e.get("dual") for e in script["elements"] if e["type"] != "scene_heading")


def test_forced_elements_are_what_they_are_forced_to_be() -> None:
    script = script_of("e03_forced")
    assert [text for _, text in headings(script)] == [
        *("SNIPER VIEW", "int. dairy - day", "INT DAIRY - NIGHT", "EST. DAIRY - DAY"),
        *("I/E CART - DAY", "INT./EXT. CART - DUSK", "INT. DAIRY - DAY"),
    ]
    assert cues(script) == ["McKie", "R2D2", "HANS"]
    kinds = {e["text"]: e["type"] for e in script["elements"]}
    assert kinds["INT. THIS IS ACTION"] == "action"
    assert kinds["SHOUTED WORDS\nare action too."] == "action"
    assert kinds["Iris out."] == kinds["HE SHOUTS TO:"] == "transition"
    assert kinds["THE END"] == "centered"
    assert kinds["23\nNot a cue."] == "action"
    assert [w["code"] for w in script["warnings"]] == ["orphan-character-cue"] * 2


def test_notes_are_no_text_of_the_script_but_kept() -> None:
    script = script_of("e05_notes")
    told = [(e["type"], e["text"]) for e in script["elements"] if e["type"] != "scene_heading"]
    assert told == [
        ("action", "A door. It opens."),
        ("note", "Is it\nsteel or\niron?"),
        ("action", "[[A note over"),
        ("action", "a truly blank line]]"),
        ("character", "IRMA"),
        ("dialogue", "Hello. Again.\n\nStill speaking after a two-space line."),
        ("note", "softly"),
        ("note", "INT. NOT A SCENE - DAY"),
        ("synopsis", "A synopsis"),
        ("section", "Act Two"),
        ("action", "Moon."),
    ]
    assert codes(script) == [("unclosed-note", 7)]


@pytest.mark.parametrize(
    "name", ["bom8", "cr", "crlf", "formfeed", "ls", "nfd", "tabs", "utf16be", "utf16le"]
)
def test_every_encoding_and_line_end_reads_the_same(name: str) -> None:
    script = script_of(f"e07_{name}")
    assert [entry["value"] for entry in script["title_page"]] == ["Codes"]
    made = breakdown(script)
    told = [(slug["int_ext"], slug["day_night"]) for slug in slugs(made)]
    assert told == [("interior", "day"), ("exterior", "night")]
    assert list(made["character"]) == ["zoe"]
    assert script["warnings"] == []


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("e07_latin1", "e07_latin1.fountain:3: byte 0xc9 is not UTF-8: save the file as UTF-8"),
        ("e07_smart_quote_cp1252", "e07_smart_quote_cp1252.fountain:3: byte 0x92 is not UTF-8"),
        ("e07_utf16_nobom", "e07_utf16_nobom.fountain"),
        ("e09_blank", "the file is empty"),
        ("e09_empty", "the file is empty"),
        ("e09_no_headings", "has no scene: a scene heading is"),
        ("e16_broken", r"e16_broken.fdx:\d+: this is no XML"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place_and_a_remedy(
    name: str, complaint: str
) -> None:
    with pytest.raises(ModuleFailed, match=complaint):
        script_of(name)


@pytest.mark.parametrize("name", ["e16_cp1252", "e16_latin1", "e16_utf16"])
def test_a_final_draft_file_is_read_in_the_encoding_that_it_names(name: str) -> None:
    made = made_of(name)
    assert [payload["name"] for payload in made["location"].values()] == ["FORGE"]
    action = made["scene"]["scene_1"]["elements"][0]["text"]
    assert action.startswith(("Zoë", "Odo"))
    assert len(made["scene"]["scene_1"]["tags"]) == 2
