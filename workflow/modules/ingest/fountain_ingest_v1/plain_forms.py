"""Rewrites the lines that the parser would misread into the forced forms of Fountain that it reads well.

What Fountain allows and the parser (fountain-py 0.3) does not see: headings such as `INT--DAY` or `EXT/INT. CAR`,
headings followed by a note of several lines, forced headings and natural cues in letters other than A-Z
(`.ÉCOLE`, `JOSÉ`), cues with `&` or a curly apostrophe. And it drops what stands between the two sides of a
dual dialogue, so the carets are taken off here and the pairs made afterwards.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

from .visible import Line

#: Stands for a heading that the parser cannot read even when forced; its text is put back afterwards.
_PLACEHOLDER = ".SCENE"
_HEADING = re.compile(
    r"(?:INT|EXT|EST|I/E|E/I|I\./E|E\./I|INT\.?/EXT|EXT\.?/INT)(?:\s*\.|\s*--|\s*[–—]|\s)",
    re.IGNORECASE,
)
_CUE = re.compile(r"(?P<name>[^()]*[^()\s])\s*(?P<extensions>(?:\([^()]*\)\s*)*)")
_INLINE_NOTE = re.compile(r"\s*\[\[.*?\]\]")
_PUNCTUATION = frozenset(" _.'’‘#&/+-")


@dataclass
class PlainForms:
    """Lines for the parser, one for one; headings to put back and dual cues by 1-based position."""

    lines: list[str]
    headings: dict[int, str] = field(default_factory=dict)
    dual_cues: set[int] = field(default_factory=set)
    looks_like_heading: list[int] = field(default_factory=list)


def plain_forms(lines: list[Line]) -> PlainForms:
    """Rewrite what needs it; `looks_like_heading` names headings that lack the blank line before or after them."""
    forms = PlainForms([line.text for line in lines])
    for index, line in enumerate(lines):
        text = line.text.strip()
        if index and lines[index - 1].text.strip():
            if _HEADING.match(text) and text == text.upper():
                forms.looks_like_heading.append(index + 1)
            continue
        if _HEADING.match(text):
            if _blank_follows(lines, index):
                forms.lines[index] = f".{text}"
            else:
                forms.looks_like_heading.append(index + 1)
        elif len(text) > 1 and text[0] == "." and text[1].isalnum() and not text[1].isascii():
            forms.lines[index] = _PLACEHOLDER
            forms.headings[index + 1] = text[1:]
        elif index + 1 < len(lines) and lines[index + 1].text.strip():
            _plain_cue(forms, lines, index, text)
    return forms


def _plain_cue(forms: PlainForms, lines: list[Line], index: int, text: str) -> None:
    # A note on the cue would hide its caret, and one between cue and speech would part them: both are left out,
    # like every note inside a paragraph.
    text = _INLINE_NOTE.sub("", text).strip()
    last = index
    while last + 1 < len(lines) and _INLINE_NOTE.fullmatch(lines[last + 1].text.strip()):
        last += 1
    if last + 1 >= len(lines) or not lines[last + 1].text.strip():
        return
    bare = text.rstrip("^").rstrip()
    forced = bare.startswith("@")
    cue = _CUE.fullmatch(bare.removeprefix("@"))
    if not cue or not (forced or _is_upper_case(cue["name"])):
        return
    if bare != text:
        forms.dual_cues.add(last + 1)
    plain = forced or (cue["name"].isascii() and set("&/+").isdisjoint(cue["name"]))
    forms.lines[index:last] = [""] * (last - index)
    forms.lines[last] = bare if plain else f"@{bare}"


def _is_upper_case(name: str) -> bool:
    if not name[0].isalnum() or _HEADING.match(name):
        return False
    if not any(letter.isupper() for letter in name):
        return False
    return all(
        c in _PUNCTUATION or c.isupper() or c.isdigit() or unicodedata.combining(c) for c in name
    )


def _blank_follows(lines: list[Line], index: int) -> bool:
    following = index + 1
    while following < len(lines) and lines[following].text.lstrip().startswith("[["):
        while following < len(lines) and "]]" not in lines[following].text:
            following += 1
        following += 1
    return following >= len(lines) or not lines[following].text.strip()
