"""Emphasis of Fountain: `*italic*`, `**bold**`, `***both***`, `_underline_`, as spans of the text without the marks.

A mark that opens has no blank behind it, one that closes none before it; neither reaches over a line break, and a
backslash takes a mark's meaning away.
"""

from __future__ import annotations

import re
from typing import Any

_MARKS = re.compile(r"\\[*_\\]|\*{1,3}|_")
_STYLES = {"*": "italic", "**": "bold", "***": "bold_italic", "_": "underline"}


def without_emphasis(text: str) -> tuple[str, list[dict[str, Any]]]:
    """The plain text and its spans, in order."""
    if "*" not in text and "_" not in text and "\\" not in text:
        return text, []
    shown = ""
    spans: list[dict[str, Any]] = []
    for number, line in enumerate(text.split("\n")):
        plain, found = _line(line)
        start = len(shown) + 1 if number else 0
        shown = f"{shown}\n{plain}" if number else plain
        spans += [{**s, "start": s["start"] + start, "end": s["end"] + start} for s in found]
    return shown, spans


def _line(line: str) -> tuple[str, list[dict[str, Any]]]:
    marks = list(_MARKS.finditer(line))
    pairs = _pairs(line, marks)
    spans: list[dict[str, Any]] = []
    opened: dict[int, int] = {}
    plain = ""
    at = 0
    for index, mark in enumerate(marks):
        plain += line[at : mark.start()]
        at = mark.end()
        if mark.group().startswith("\\"):
            plain += mark.group()[1:]
        elif index not in pairs:
            plain += mark.group()
        elif pairs[index] > index:
            opened[index] = len(plain)
        else:
            start = opened[pairs[index]]
            if start < len(plain):
                spans.append({"start": start, "end": len(plain), "style": _STYLES[mark.group()]})
    plain += line[at:]
    return plain, sorted(spans, key=lambda s: (s["start"], s["end"]))


def _pairs(line: str, marks: list[re.Match[str]]) -> dict[int, int]:
    """Which mark belongs to which, both ways; pairs do not overlap."""
    found: dict[int, int] = {}
    waiting: list[int] = []
    newest: dict[str, int] = {}
    for index, mark in enumerate(marks):
        kind = mark.group()
        if kind.startswith("\\"):
            continue
        before, after = line[: mark.start()][-1:], line[mark.end() :][:1]
        if before and not before.isspace() and newest.get(kind, 0) > 0:
            while waiting:
                opener = waiting.pop()
                newest[marks[opener].group()] -= 1
                if marks[opener].group() == kind:
                    found[opener], found[index] = index, opener
                    break
            continue
        inside_word = kind == "_" and before.isalnum()
        if after and not after.isspace() and not inside_word:
            waiting.append(index)
            newest[kind] = newest.get(kind, 0) + 1
    return found
