"""Takes the boneyard (`/* ... */`) out of a screenplay, keeping for every line left its number in the source.

A comment that has lines of its own leaves a blank line behind where it parts two elements: after or before what is no
plain text (`CUT TO:`, a heading), and where blank lines stand in it. Within a paragraph or a speech it leaves nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

_LOOK_AHEAD = 400


@dataclass(frozen=True)
class Line:
    """A line of the script as printed, and where it begins in the source (1-based)."""

    text: str
    number: int


def visible_lines(text: str, is_heading: Callable[[str], bool]) -> tuple[list[Line], int | None]:
    """The lines outside comments, and the source line of a `/*` that is never closed (it stays as text)."""
    kept: list[Line] = []
    unclosed: int | None = None
    position, number = 0, 1
    carried: Line | None = None  # text before a comment, waiting for what follows it
    parts = False
    while position <= len(text):
        end = text.find("\n", position)
        end = len(text) if end < 0 else end
        start = text.find("/*", position, end) if unclosed is None else -1
        close = text.find("*/", start + 2) if start >= 0 else -1
        if start >= 0 and close < 0:
            unclosed = number
        if close < 0:
            rest = text[position:end]
            line = Line(rest, number)
            joined = _join(carried, line) if carried else line
            # A line that held nothing but comments is not there at all, unless it parts what is around it.
            if carried is None or joined.text.strip():
                kept.append(joined)
            elif parts or _parts(kept, text[end + 1 : end + 1 + _LOOK_AHEAD], is_heading):
                kept.append(Line("", number))
            carried, parts = None, False
            position, number = end + 1, number + 1
            continue
        before = Line(text[position:start], number)
        carried = _join(carried, before) if carried else before
        number += text.count("\n", start, close)
        position = close + 2
        parts = parts or "\n\n" in text[start:close]
        if "\n" in text[start:close]:
            carried = Line(carried.text + " ", carried.number)
    return kept or [Line("", 1)], unclosed


def _parts(kept: list[Line], following: str, is_heading: Callable[[str], bool]) -> bool:
    """Whether what stands before or after a comment is no plain text: a heading, a transition, something forced."""
    around = (kept[-1].text if kept else "", following.partition("\n")[0])
    return any(_stands_alone(line.strip(), is_heading) for line in around)


def _stands_alone(line: str, is_heading: Callable[[str], bool]) -> bool:
    forced = line.startswith((".", ">", "#", "=", "@", "!")) and not line.startswith("..")
    return forced or (line.endswith(":") and line.isupper()) or is_heading(line)


def _join(before: Line, after: Line) -> Line:
    if not before.text.strip():
        # The indentation of a line belongs to its text; that of a vanished comment does not.
        return Line(after.text.lstrip(), after.number)
    if before.text[-1:].isspace() or after.text[:1].isspace():
        return Line(f"{before.text.rstrip()} {after.text.lstrip()}".rstrip(), before.number)
    return Line(before.text + after.text, before.number)
