"""What Fountain can say arrives as an element of the right type, with its source line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.modules.fountain_elements import HEAD, elements
from tests.modules.module_bench import ingest


def after_heading(tmp_path: Path, text: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ingest(tmp_path, HEAD + text)["elements"][1:]
    return found


@pytest.mark.parametrize(
    "heading",
    [
        "INT. HOUSE - DAY",
        "ext. house - day",
        "EST. CITY - DAWN",
        "INT HOUSE - DAY",
        "INT./EXT. CAR - DAY",
        "INT/EXT CAR - DAY",
        "EXT./INT. CAR - DAY",
        "EXT/INT. CAR - DAY",
        "I/E. CAR - DAY",
        "I/E CAR - DAY",
        "INT--DAY",
        "EXT. PARK--DAY",
        "INT – NIGHT",
    ],
)
def test_every_usual_form_of_heading_is_a_heading(tmp_path: Path, heading: str) -> None:
    text = f"Some action.\n\n{heading}\n\nMore action.\n"
    assert elements(tmp_path, text)[1] == ("scene_heading", heading, 3)


@pytest.mark.parametrize(
    "line", ["INTERNAL AFFAIRS ARRIVE", "Exterior lights go on.", "INTO THE DARK"]
)
def test_words_that_merely_begin_like_a_prefix_are_no_headings(tmp_path: Path, line: str) -> None:
    assert after_heading(tmp_path, f"{line}\n")[0]["type"] == "action"


def test_a_heading_within_a_paragraph_is_action_and_is_warned_of(tmp_path: Path) -> None:
    script = ingest(tmp_path, HEAD + "EXT. PARK - DAY\nHe runs.\n")
    assert [e["type"] for e in script["elements"]] == ["scene_heading", "action"]
    assert [(w["line"], w["code"]) for w in script["warnings"]] == [
        (3, "heading-without-blank-line")
    ]


def test_a_leading_period_forces_a_heading_in_any_script(tmp_path: Path) -> None:
    text = ".FLASHBACK\n\n.ÉCOLE - JOUR #7#\n\n.КВАРТИРА\n\n...and so on.\n"
    assert elements(tmp_path, text) == [
        ("scene_heading", "FLASHBACK", 1),
        ("scene_heading", "ÉCOLE - JOUR", 3),
        ("scene_heading", "КВАРТИРА", 5),
        ("action", "...and so on.", 7),
    ]


def test_scene_numbers_are_taken_off_the_heading(tmp_path: Path) -> None:
    script = ingest(tmp_path, "INT. HOUSE - DAY #1A#\n\n.PIT #110.b-2#\n\nEXT. SEA - DAY\n")
    found = [(e["text"], e.get("number")) for e in script["elements"]]
    assert found == [("INT. HOUSE - DAY", "1A"), ("PIT", "110.b-2"), ("EXT. SEA - DAY", None)]


def test_a_heading_may_be_followed_by_a_note_of_several_lines(tmp_path: Path) -> None:
    text = "INT. HOUSE - DAY\n[[who lives\nhere?]]\n\nBOB enters.\n"
    assert elements(tmp_path, text) == [
        ("scene_heading", "INT. HOUSE - DAY", 1),
        ("note", "who lives\nhere?", 2),
        ("action", "BOB enters.", 5),
    ]


def test_action_keeps_its_line_breaks_and_indentation(tmp_path: Path) -> None:
    assert after_heading(tmp_path, "One.\n   Two.\n\nThree.\n") == [
        {"type": "action", "text": "One.\n   Two.", "line": 3},
        {"type": "action", "text": "Three.", "line": 6},
    ]


def test_an_exclamation_mark_forces_action(tmp_path: Path) -> None:
    assert after_heading(tmp_path, "!INT. NOT A SCENE - DAY\n") == [
        {"type": "action", "text": "INT. NOT A SCENE - DAY", "line": 3}
    ]


def test_a_speech_is_one_element_with_its_line_breaks(tmp_path: Path) -> None:
    assert after_heading(tmp_path, "BOB\n(softly)\nOne.\nTwo.\n  \nThree.\n(beat)\nFour.\n") == [
        {"type": "character", "text": "BOB", "line": 3},
        {"type": "parenthetical", "text": "(softly)", "line": 4},
        {"type": "dialogue", "text": "One.\nTwo.\n\nThree.", "line": 5},
        {"type": "parenthetical", "text": "(beat)", "line": 9},
        {"type": "dialogue", "text": "Four.", "line": 10},
    ]


@pytest.mark.parametrize(
    ("cue", "name", "extensions"),
    [
        ("BOB (V.O.)", "BOB", ["V.O."]),
        ("BOB (O.S.) (CONT'D)", "BOB", ["O.S.", "CONT'D"]),
        ("BOB (on the phone)", "BOB", ["on the phone"]),
        ("DR. O'HARA-LEE #2", "DR. O'HARA-LEE #2", None),
        ("O’HARA", "O’HARA", None),
        ("BOB & TED", "BOB & TED", None),
        ("JOSÉ (V.O.)", "JOSÉ", ["V.O."]),
        ("БОБ", "БОБ", None),
        ("@McCLANE", "McCLANE", None),
        ("@小明 (O.S.)", "小明", ["O.S."]),
        ("R2D2", "R2D2", None),
    ],
)
def test_cues_are_seen_in_every_spelling(
    tmp_path: Path, cue: str, name: str, extensions: list[str] | None
) -> None:
    character, dialogue = after_heading(tmp_path, f"{cue}\nHello.\n")
    assert (character["type"], character["text"]) == ("character", name)
    assert character.get("extensions") == extensions
    assert dialogue["text"] == "Hello."


@pytest.mark.parametrize("line", ["23", "Bang! CRASH!", "Bob", "小明"])
def test_a_line_that_is_not_in_capitals_is_no_cue(tmp_path: Path, line: str) -> None:
    (action,) = after_heading(tmp_path, f"{line}\nHello.\n")
    assert action["type"] == "action"


def test_a_line_in_capitals_without_speech_is_action_and_is_warned_of(tmp_path: Path) -> None:
    script = ingest(tmp_path, HEAD + "THE HOUSE BURNS\n\nBob runs.\n")
    assert script["elements"][1]["type"] == "action"
    assert [(w["line"], w["code"]) for w in script["warnings"]] == [(3, "orphan-character-cue")]


def test_both_sides_of_a_dual_dialogue_are_marked(tmp_path: Path) -> None:
    found = after_heading(tmp_path, "MARY\nLeft.\n\nJIM (O.S.) ^\n(loud)\nRight.\n\nMARY\nAlone.\n")
    assert [(e["type"], e["line"], e.get("dual", False)) for e in found] == [
        ("character", 3, True),
        ("dialogue", 4, True),
        ("character", 6, True),
        ("parenthetical", 7, True),
        ("dialogue", 8, True),
        ("character", 10, False),
        ("dialogue", 11, False),
    ]
    assert [e["text"] for e in found if e["type"] == "character"] == ["MARY", "JIM", "MARY"]


def test_what_stands_between_the_sides_of_a_dual_dialogue_is_not_lost(tmp_path: Path) -> None:
    found = after_heading(tmp_path, "MARY\nLeft.\n~la la\n\n[[in tune?]]\n\nJIM ^\nRight.\n")
    assert [e["text"] for e in found] == ["MARY", "Left.", "la la", "in tune?", "JIM", "Right."]


def test_a_caret_without_a_speech_before_it_is_ignored(tmp_path: Path) -> None:
    found = after_heading(tmp_path, "He waits.\n\nJIM ^\nAlone.\n")
    assert [e["text"] for e in found] == ["He waits.", "JIM", "Alone."]
    assert not any("dual" in e for e in found)


def test_lyrics_transitions_centered_text_and_page_breaks(tmp_path: Path) -> None:
    text = "~la la\n~lo lo\n\nCUT TO:\n\n> FADE TO BLACK.\n\n> THE END <\n\n===\n"
    assert [(e["type"], e["text"], e["line"]) for e in after_heading(tmp_path, text)] == [
        ("lyrics", "la la\nlo lo", 3),
        ("transition", "CUT TO:", 6),
        ("transition", "FADE TO BLACK.", 8),
        ("centered", "THE END", 10),
        ("page_break", "", 12),
    ]


def test_emphasis_becomes_spans_of_the_plain_text(tmp_path: Path) -> None:
    action, _, speech = after_heading(
        tmp_path, "A **big** \\*star\\*.\n\nBOB\nOne *two*.\n_Three_.\n"
    )
    assert action["text"] == "A big *star*."
    assert action["emphasis"] == [{"start": 2, "end": 5, "style": "bold"}]
    marked = [(speech["text"][s["start"] : s["end"]], s["style"]) for s in speech["emphasis"]]
    assert marked == [("two", "italic"), ("Three", "underline")]


def test_the_title_page_keeps_its_order_and_lines(tmp_path: Path) -> None:
    script = ingest(tmp_path, "Title:\n    BIG\n    FISH\nCredit: by\nAuthor: Somebody\n\n" + HEAD)
    assert script["title_page"] == [
        {"key": "title", "value": "BIG\nFISH"},
        {"key": "credit", "value": "by"},
        {"key": "author", "value": "Somebody"},
    ]
    assert script["elements"] == [{"type": "scene_heading", "text": "INT. HOUSE - DAY", "line": 7}]


def test_the_same_heading_may_come_many_times(tmp_path: Path) -> None:
    assert [line for _, _, line in elements(tmp_path, HEAD * 3)] == [1, 3, 5]


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_other_line_ends_make_no_difference(tmp_path: Path, end: str) -> None:
    text = HEAD + "BOB\nHi.\n\nHe\ngoes.\n"
    assert ingest(tmp_path, text.replace("\n", end)) == ingest(tmp_path, text)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_names_the_encoding(tmp_path: Path, encoding: str) -> None:
    text = "INT. CAFÉ - DAY\n\nÇa va.\n"
    assert ingest(tmp_path, text.encode(encoding)) == ingest(tmp_path, text)


def test_a_heading_at_the_end_of_a_paragraph_is_warned_of(tmp_path: Path) -> None:
    script = ingest(tmp_path, "INT. A - DAY\n\nBob sits.\nINT. B - DAY\n\nBOB\nOne.\n")
    assert [each["line"] for each in script["warnings"]] == [4]


@pytest.mark.parametrize(
    ("text", "note", "action"),
    [
        ("[[outer [[inner]] still outer]] Seen.", "outer [[inner]] still outer", "Seen."),
        ("Seen. [[a [[b [[c]] d]] e]]", "a [[b [[c]] d]] e", "Seen."),
        ("[[outer\n[[inner]]\nend]]\nSeen.", "outer\n[[inner]]\nend", "Seen."),
        ("[[opened [[closed once]] Seen.", "opened [[closed once", "Seen."),
    ],
)
def test_a_note_may_hold_notes(tmp_path: Path, text: str, note: str, action: str) -> None:
    elements = ingest(tmp_path, f"{HEAD}{text}\n")["elements"][1:]
    found = {e["type"]: e["text"].strip() for e in elements}
    assert found == {"note": note, "action": action}


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("COLD OPEN", "section"),
        ("TEASER", "section"),
        ("ACT ONE", "section"),
        ("ACT 2", "section"),
        ("ACT IV", "section"),
        ("TAG", "section"),
        ("**ACT THREE**", "section"),
        ("END OF ACT ONE", "centered"),
        ("END ACT TWO", "centered"),
        ("END OF COLD OPEN", "centered"),
        ("END OF EPISODE", "centered"),
    ],
)
def test_the_acts_of_television_are_no_action(tmp_path: Path, line: str, kind: str) -> None:
    script = ingest(tmp_path, f"{HEAD}They wait.\n\n{line}\n\nFADE IN:\n\n{HEAD}Done.\n")
    assert (script["elements"][2]["type"], script["elements"][2]["text"]) == (kind, line.strip("*"))
    assert not script["warnings"]
