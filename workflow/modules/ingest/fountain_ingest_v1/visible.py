"""Takes the boneyard (`/* ... */`) out of a screenplay, keeping for every line left its number in the source.

The parser would do it too, but gives wrong line numbers to text around a comment of several lines, does not see a
scene heading that one follows, and drops the rest of the script when one is never closed.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """A line of the script as printed, and where it begins in the source (1-based)."""

    text: str
    number: int


def visible_lines(text: str) -> tuple[list[Line], int | None]:
    """The lines outside comments, and the source line of a `/*` that is never closed (it stays as text)."""
    kept: list[Line] = []
    unclosed: int | None = None
    position, number = 0, 1
    carried: Line | None = None  # text before a comment, waiting for what follows it
    while position <= len(text):
        end = text.find("\n", position)
        end = len(text) if end < 0 else end
        start = text.find("/*", position, end) if unclosed is None else -1
        close = text.find("*/", start + 2) if start >= 0 else -1
        if start >= 0 and close < 0:
            unclosed = number
        if close < 0:
            rest = text[position:end]
            # An escaped star is plain text to the parser: this way it does not see a comment either.
            line = Line(rest.replace("/*", "/\\*") if unclosed is not None else rest, number)
            joined = _join(carried, line) if carried else line
            # A line that held nothing but comments is not there at all; it is no blank line.
            if carried is None or joined.text.strip():
                kept.append(joined)
            carried = None
            position, number = end + 1, number + 1
            continue
        before = Line(text[position:start], number)
        carried = _join(carried, before) if carried else before
        number += text.count("\n", start, close)
        position = close + 2
        if "\n" in text[start:close]:
            carried = Line(carried.text + " ", carried.number)
    return kept or [Line("", 1)], unclosed


def _join(before: Line, after: Line) -> Line:
    if not before.text.strip():
        # The indentation of a line belongs to its text; that of a vanished comment does not.
        return Line(after.text.lstrip(), after.number)
    if before.text[-1:].isspace() or after.text[:1].isspace():
        return Line(f"{before.text.rstrip()} {after.text.lstrip()}".rstrip(), before.number)
    return Line(before.text + after.text, before.number)
