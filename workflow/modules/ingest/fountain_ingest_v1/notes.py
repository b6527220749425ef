"""Takes the notes (`[[...]]`) out of the lines of a screenplay and keeps for each where it stood.

A note may hold others, and go over lines, but not over a blank one (a line of two blanks is none). What stands
before and after it is one line; lines that held nothing but notes are neither text nor blank.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .visible import Line

_NOTE_MARK = re.compile(r"\[\[|\]\]")


@dataclass
class Row:
    """A line without its notes. `only_notes`: it held nothing else."""

    text: str
    number: int
    notes: list[Line] = field(default_factory=list)
    only_notes: bool = False

    @property
    def blank(self) -> bool:
        return not self.only_notes and not self.text.strip()


def rows_of(lines: list[Line]) -> tuple[list[Row], list[int]]:
    """The rows, and the source lines of notes that are never closed (they stay as text)."""
    rows: list[Row] = []
    unclosed: list[int] = []
    at = 0
    while at < len(lines):
        row, at = _row(lines, at, unclosed)
        rows.append(row)
    return rows, unclosed


def _row(lines: list[Line], at: int, unclosed: list[int]) -> tuple[Row, int]:
    text, number = lines[at].text, lines[at].number
    row = Row("", number)
    kept = ""
    while (start := text.find("[[")) >= 0:
        held, last, rest = _note(lines, at, text[start + 2 :])
        if held is None:
            unclosed.append(lines[at].number)
            break
        row.notes.append(Line(held.strip(), lines[at].number))
        before = text[:start]
        kept = _joined(kept, before) if kept else before
        text = rest
        if last != at and not kept.strip():
            row.number = lines[last].number
        at = last
    row.text = _joined(kept, text) if row.notes else text
    row.only_notes = bool(row.notes) and not row.text.strip()
    return row, at + 1


def _note(lines: list[Line], at: int, begun: str) -> tuple[str | None, int, str]:
    """The text of a note that has begun, the line on which it ends and what follows it there. Notes within it belong to
    it, as long as each of them is closed."""
    first: tuple[str, int, str] | None = None
    held: list[str] = []
    text = begun
    depth = 1
    while True:
        for mark in _NOTE_MARK.finditer(text):
            depth += 1 if mark.group() == "[[" else -1
            if mark.group() == "[[":
                continue
            told = "\n".join([*held, text[: mark.start()]]), at, text[mark.end() :]
            if depth == 0:
                return told
            first = first or told
        held.append(text)
        at += 1
        if at >= len(lines) or (not lines[at].text.strip() and len(lines[at].text) < 2):
            # One that is opened once more than it is closed ends with the first mark that closes any.
            return first or (None, at, "")
        text = lines[at].text


def _joined(before: str, after: str) -> str:
    if before.strip() and after.strip():
        if before[-1:].isspace() or after[:1].isspace():
            return f"{before.rstrip()} {after.lstrip()}"
        return before + after
    return before.rstrip() + (after.lstrip() if before.strip() else after).rstrip()
