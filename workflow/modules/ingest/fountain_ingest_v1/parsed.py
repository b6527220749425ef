"""From the text of a screenplay to the payload of `script`, by the library fountain-py.

An element is `{type, text, line}`, and where they apply: `extensions` (of a cue), `dual` (both sides of a dual
dialogue, cues and speeches), `number` (of a scene heading), `level` (of a section), `emphasis` (spans of `text`),
`source_lines` (of a paragraph of action with comments between its lines).
Types: scene_heading, action, character, dialogue, parenthetical, lyrics, transition, centered, section, synopsis,
note, page_break. A speech is one `dialogue` element with its line breaks; comments and inline notes are left out.
"""

from __future__ import annotations

import re
from typing import Any

from fountain import ElementType, FountainElement, FountainParser

from .plain_forms import PlainForms, plain_forms
from .visible import Line, visible_lines

_SCENE_NUMBER = re.compile(r"\s*#([\w.-]+)#\s*$")
_SPEECH = frozenset({"character", "dialogue", "parenthetical", "lyrics"})
_BETWEEN_DUAL_SIDES = _SPEECH | {"note"}


class _Parser(FountainParser):
    """Finds what is first printed once; the library looks through all leading notes anew for every line."""

    def __init__(self) -> None:
        super().__init__()
        self._leading_notes = 0

    def _has_visible_content(self) -> bool:
        while self._leading_notes < len(self.elements):
            if self.elements[self._leading_notes].type is not ElementType.NOTE:
                return True
            self._leading_notes += 1
        return False


def parse_script(text: str) -> dict[str, Any]:
    """The payload of `script`. `text` has `\\n` line ends and passed the checks of `source_text`."""
    lines, unclosed_comment = visible_lines(text)
    forms = plain_forms(lines)
    document = _Parser().parse("\n".join(forms.lines))
    elements: list[dict[str, Any]] = []
    positions: list[int] = []
    for parsed in document.elements:
        element = _element(parsed, forms)
        if element is None:
            continue
        if _continues(elements, positions, element, parsed.line_number):
            _append_line(elements[-1], element)
        else:
            elements.append(element)
            positions.append(parsed.line_number)
    _mark_dual(elements, positions, forms.dual_cues)
    for element, position in zip(elements, positions, strict=True):
        element["line"] = lines[position - 1].number
        if element["type"] == "action":
            _note_source_lines(element, lines[position - 1 :])
    return {
        "title_page": [{"key": key, "value": value} for key, value in document.metadata.items()],
        "elements": [element for element in elements if element["text"] or _may_be_empty(element)],
        "warnings": _warnings(document.issues, forms, lines, unclosed_comment),
    }


def _element(parsed: FountainElement, forms: PlainForms) -> dict[str, Any] | None:
    kind = parsed.type
    if kind is ElementType.BONEYARD:
        return None
    element: dict[str, Any] = {"type": kind.value, "text": parsed.text}
    metadata = parsed.metadata
    if kind is ElementType.PAGE_BREAK:
        element["text"] = ""
    elif kind is ElementType.NOTE:
        element["text"] = parsed.text.removeprefix("[[").removesuffix("]]").strip()
    elif kind is ElementType.SECTION:
        element["level"] = metadata["level"]
    elif kind is ElementType.SCENE_HEADING:
        heading = forms.headings.get(parsed.line_number, parsed.text)
        number = metadata.get("scene_number")
        if own := _SCENE_NUMBER.search(heading):
            number, heading = own.group(1), heading[: own.start()]
        element["text"] = heading.strip()
        if number:
            element["number"] = number
    elif kind is ElementType.CHARACTER and metadata.get("extension"):
        # The parser gives what stands between the first and the last parenthesis: "V.O.) (CONT'D".
        parts = re.split(r"\)\s*\(", str(metadata["extension"]))
        element["extensions"] = [part.strip() for part in parts if part.strip()]
    if parsed.formatting and kind is not ElementType.SCENE_HEADING:
        element["emphasis"] = [
            {"start": span.start, "end": span.end, "style": span.format_type}
            for span in sorted(parsed.formatting)
        ]
    return element


def _continues(
    elements: list[dict[str, Any]], positions: list[int], element: dict[str, Any], position: int
) -> bool:
    if not elements or elements[-1]["type"] != element["type"]:
        return False
    if element["type"] == "dialogue":
        return True
    last: int = positions[-1] + elements[-1]["text"].count("\n")
    return element["type"] == "lyrics" and position == last + 1


def _append_line(element: dict[str, Any], line: dict[str, Any]) -> None:
    shift = len(element["text"]) + 1
    element["text"] = f"{element['text']}\n{line['text']}"
    for span in line.get("emphasis", []):
        shifted = {**span, "start": span["start"] + shift, "end": span["end"] + shift}
        element.setdefault("emphasis", []).append(shifted)


def _mark_dual(elements: list[dict[str, Any]], positions: list[int], dual_cues: set[int]) -> None:
    for right, position in enumerate(positions):
        if position not in dual_cues or elements[right]["type"] != "character":
            continue
        left = right - 1
        while left >= 0 and elements[left]["type"] in _BETWEEN_DUAL_SIDES:
            if elements[left]["type"] == "character":
                break
            left -= 1
        # A caret without a speech right before it pairs with nothing and is ignored.
        if left < 0 or elements[left]["type"] != "character" or elements[left].get("dual"):
            continue
        for element in elements[left:right]:
            if element["type"] in _SPEECH:
                element["dual"] = True
        for element in elements[right:]:
            if element["type"] not in _SPEECH or (
                element is not elements[right] and element["type"] == "character"
            ):
                break
            element["dual"] = True


def _note_source_lines(element: dict[str, Any], lines: list[Line]) -> None:
    """Tells where the lines of a paragraph stand in the source if a comment stands between them."""
    below = [line.number - lines[0].number for line in lines[: element["text"].count("\n") + 1]]
    if below != list(range(len(below))):
        element["source_lines"] = below


def _may_be_empty(element: dict[str, Any]) -> bool:
    return element["type"] in ("page_break", "scene_heading")


def _warnings(
    issues: Any, forms: PlainForms, lines: list[Line], unclosed_comment: int | None
) -> list[dict[str, Any]]:
    found = [
        {
            "line": lines[min(issue.line_number, len(lines)) - 1].number,
            "code": issue.code,
            "message": issue.message,
        }
        for issue in issues
    ]
    found += [
        {
            "line": lines[position - 1].number,
            "code": "heading-without-blank-line",
            "message": "this would be a scene heading if blank lines stood before and after it; read as action",
        }
        for position in forms.looks_like_heading
    ]
    if unclosed_comment is not None:
        found.append(
            {
                "line": unclosed_comment,
                "code": "unclosed-boneyard",
                "message": "a comment opened with '/*' is never closed with '*/'; read as text",
            }
        )
    return sorted(found, key=lambda warning: (warning["line"], warning["code"]))
