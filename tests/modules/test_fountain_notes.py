"""Notes, comments, sections and synopses: what stands in a Fountain file beside the screenplay."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.modules.fountain_elements import HEAD, elements
from tests.modules.module_bench import ingest


def test_sections_synopses_and_notes(tmp_path: Path) -> None:
    script = ingest(tmp_path, "# ACT ONE\n\n## Part\n\n= It begins.\n\n[[a note]]\n\n" + HEAD)
    found = [(e["type"], e["text"], e.get("level")) for e in script["elements"]]
    assert found[:4] == [
        ("section", "ACT ONE", 1),
        ("section", "Part", 2),
        ("synopsis", "It begins.", None),
        ("note", "a note", None),
    ]


def test_comments_vanish_wherever_they_stand(tmp_path: Path) -> None:
    text = (
        "/* a draft */\nINT. HOUSE - DAY\n/* of several\n\nEXT. CUT - DAY\n\nlines */\n\n"
        "Bob /* no: Ted\nno */ walks. /* on */\n/* alone */\nHe runs.\n\nTED /* or not */\nHi.\n"
    )
    assert elements(tmp_path, text) == [
        ("scene_heading", "INT. HOUSE - DAY", 2),
        ("action", "Bob walks.\nHe runs.", 9),
        ("character", "TED", 14),
        ("dialogue", "Hi.", 15),
    ]


def test_an_unclosed_comment_is_text_and_is_warned_of(tmp_path: Path) -> None:
    script = ingest(tmp_path, HEAD + "Bob /* was\n\nEXT. PARK - DAY\n\nTed /* is.\n")
    assert [e["text"] for e in script["elements"]] == [
        "INT. HOUSE - DAY",
        "Bob /* was",
        "EXT. PARK - DAY",
        "Ted /* is.",
    ]
    assert [(w["line"], w["code"]) for w in script["warnings"]] == [(3, "unclosed-boneyard")]


def test_an_unclosed_note_is_text_and_is_warned_of(tmp_path: Path) -> None:
    script = ingest(tmp_path, HEAD + "/* x\n*/\n[[why\n\nBob.\n")
    assert [(e["text"], e["line"]) for e in script["elements"][1:]] == [("[[why", 5), ("Bob.", 7)]
    assert [(w["line"], w["code"]) for w in script["warnings"]] == [(5, "unclosed-note")]


DUAL_WITH_NOTES = """INT. A - DAY

They face each other.

BOB
One two three.

{cue}
Four five.

"""


@pytest.mark.parametrize(
    "cue",
    [
        "ANNA ^ [[she overlaps him]]",
        "ANNA [[why]] ^",
        "ANNA (V.O.) ^ [[why]]",
        "ANNA ^\n[[inside]]",
        "RENÉE ^ [[x]]",
    ],
)
def test_a_note_at_a_dual_cue_loses_neither_speech(cue: str, tmp_path: Path) -> None:
    script = ingest(tmp_path, DUAL_WITH_NOTES.format(cue=cue))
    speeches = [each["text"] for each in script["elements"] if each["type"] == "dialogue"]
    assert speeches == ["One two three.", "Four five."]
    cues = [each for each in script["elements"] if each["type"] == "character"]
    assert [each.get("dual") for each in cues] == [True, True]


def test_a_note_between_cue_and_speech_leaves_the_speaker(tmp_path: Path) -> None:
    script = ingest(tmp_path, "INT. A - DAY\n\nANNA\n[[softly]]\nMe too.\n")
    assert [each["type"] for each in script["elements"]] == [
        "scene_heading",
        "character",
        "note",
        "dialogue",
    ]
