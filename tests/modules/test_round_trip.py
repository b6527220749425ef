"""A script made at random, written as Fountain or as Final Draft's XML and read again, is the same script."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.depth import examples
from tests.modules.module_bench import read_script

_WORD = (
    st.text("abcdefgh éß", min_size=1, max_size=7).map(lambda t: " ".join(t.split())).filter(bool)
)
_SENTENCE = st.lists(_WORD, min_size=1, max_size=6).map(lambda words: "a" + " ".join(words) + ".")
_LINES = st.lists(_SENTENCE, min_size=1, max_size=3).map("\n".join)
#: Speech of any look, in capitals as well: what is said under a cue is speech.
_SPEECH = st.one_of(
    _LINES, st.sampled_from(["NO.", "WAIT FOR ME", "I SAID:\nSTOP!", "42", "CUT TO:", "#1 fan"])
)
_NAMES = [
    "ABEL, JR.",
    "Q! PRESENTER",
    '"ROY"',
    "DR. O'NEIL, PH.D.",
    "R2D2",
    "ÉLODIE",
    "ИВАН",
    "OLD TOM",
    "X & Y",
    "A/B",
    "BESS?",
]
_PLACE = st.sampled_from(
    ["KITCHEN", "ST. MARY'S - NAVE", "ROOM 12", "JEAN-LUC'S HOUSE", "CAR (MOVING)"]
)
_HEADING = st.tuples(
    st.sampled_from(["INT.", "EXT.", "INT./EXT.", "I/E", "EST."]),
    _PLACE,
    st.sampled_from(["DAY", "NIGHT", "LATER"]),
)
_NUMBER = st.sampled_from([None, "1", "12A", "110-A"])


def _element(kind: str, text: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, "text": text, **{key: value for key, value in more.items() if value}}


_SCENE_HEADING = st.builds(
    lambda parts, number: [
        _element("scene_heading", f"{parts[0]} {parts[1]} - {parts[2]}", number=number)
    ],
    _HEADING,
    _NUMBER,
)
_ACTION = _LINES.map(lambda text: [_element("action", text)])
_DIALOGUE = st.builds(
    lambda name, extensions, aside, speech: [
        _element("character", name, extensions=extensions),
        *([_element("parenthetical", aside)] if aside else []),
        _element("dialogue", speech),
    ],
    st.sampled_from(_NAMES),
    st.lists(st.sampled_from(["V.O.", "O.S.", "on the phone"]), max_size=2, unique=True),
    st.sampled_from(["", "(softly)", "(beat)"]),
    _SPEECH,
)
_SINGLE = st.sampled_from(
    [
        [_element("transition", "CUT TO:")],
        [_element("transition", "FADE OUT.")],
        [_element("centered", "THE END")],
        [_element("page_break", "")],
    ]
)
_FOUNTAIN_ONLY = st.sampled_from(
    [
        [_element("section", "ACT", level=2)],
        [_element("synopsis", "They meet.")],
        [_element("note", "who?\nand why")],
        [_element("lyrics", "la la\nlo")],
    ]
)


def _scripts(
    *blocks: st.SearchStrategy[list[dict[str, Any]]],
) -> st.SearchStrategy[list[dict[str, Any]]]:
    body = st.lists(st.one_of(*blocks), max_size=12)
    return st.tuples(_SCENE_HEADING, body).map(
        lambda parts: [*parts[0], *(e for b in parts[1] for e in b)]
    )


_COMMON = (_SCENE_HEADING, _ACTION, _DIALOGUE, _SINGLE)


@pytest.mark.slow
@settings(max_examples=examples(60), deadline=None)
@given(_scripts(*_COMMON, _FOUNTAIN_ONLY))
def test_a_script_written_as_fountain_is_read_as_it_was(model: list[dict[str, Any]]) -> None:
    assert _read("story.fountain", _fountain(model)) == model


@pytest.mark.slow
@settings(max_examples=examples(60), deadline=None)
@given(_scripts(*_COMMON))
def test_a_script_written_as_final_draft_xml_is_read_as_it_was(model: list[dict[str, Any]]) -> None:
    assert _read("story.fdx", _final_draft(model)) == model


def _read(name: str, text: str) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_text(text, encoding="utf-8")
        script = read_script(path)
    lines = [element.pop("line") for element in script["elements"]]
    assert lines == sorted(lines)
    found: list[dict[str, Any]] = script["elements"]
    return found


def _cue(element: dict[str, Any]) -> str:
    return " ".join([element["text"], *(f"({each})" for each in element.get("extensions", ()))])


def _fountain(model: list[dict[str, Any]]) -> str:
    lines: list[str] = []
    for element in model:
        kind, text = element["type"], element["text"]
        if kind not in ("dialogue", "parenthetical"):
            lines.append("")
        if kind == "scene_heading":
            number = element.get("number")
            lines.append(f"{text} #{number}#" if number else text)
        elif kind == "character":
            lines.append(_cue(element))
        elif kind == "lyrics":
            lines += [f"~{line}" for line in text.split("\n")]
        else:
            before, behind = {
                "centered": ("> ", " <"),
                "section": ("#" * element.get("level", 1) + " ", ""),
                "synopsis": ("= ", ""),
                "note": ("[[", "]]"),
                "page_break": ("===", ""),
                "transition": ("" if text.endswith("TO:") else "> ", ""),
            }.get(kind, ("", ""))
            lines.append(f"{before}{text}{behind}")
    return "\n".join(lines) + "\n"


def _final_draft(model: list[dict[str, Any]]) -> str:
    types = {
        "scene_heading": "Scene Heading",
        "centered": "Action",
        "action": "Action",
        "character": "Character",
        "dialogue": "Dialogue",
        "parenthetical": "Parenthetical",
        "transition": "Transition",
    }
    paragraphs: list[str] = []
    for element in model:
        kind = element["type"]
        if kind == "page_break":
            paragraphs.append(
                '<Paragraph Type="Action" StartsNewPage="Yes"><Text></Text></Paragraph>'
            )
            continue
        text = _cue(element) if kind == "character" else element["text"]
        number = f" Number={quoteattr(element['number'])}" if "number" in element else ""
        centered = ' Alignment="Center"' if kind == "centered" else ""
        paragraphs.append(
            f"<Paragraph Type={quoteattr(types[kind])}{number}{centered}>"
            f"<Text>{escape(text)}</Text></Paragraph>"
        )
    content = "\n".join(paragraphs)
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<FinalDraft DocumentType="Script"><Content>'
    return f"{head}\n{content}\n</Content></FinalDraft>\n"
