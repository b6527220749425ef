"""What stands further down in a screenplay, by which a line is told from others of its form."""

from __future__ import annotations

from collections.abc import Sequence

from .notes import Row


def blank_follows(rows: Sequence[Row], at: int) -> bool:
    at += 1
    while at < len(rows) and rows[at].only_notes:
        at += 1
    return at >= len(rows) or rows[at].blank


def speech_begins(rows: Sequence[Row], at: int) -> int | None:
    """The row with the first words below a cue: notes may stand between, blank lines not."""
    at += 1
    while at < len(rows) and rows[at].only_notes:
        at += 1
    if at >= len(rows) or rows[at].blank:
        return None
    return at


def goes_on(rows: Sequence[Row], at: int) -> bool:
    """Whether a line of blanks alone (two or more) is a blank line within a speech."""
    while at < len(rows) and rows[at].blank:
        if len(rows[at].text) < 2 or rows[at].text.strip(" \t"):
            return False
        at += 1
    return at < len(rows)


def bracket_closes(rows: Sequence[Row], at: int) -> int | None:
    """The row on which a parenthetical ends, if it ends with a line."""
    for last in range(at, min(at + 6, len(rows))):
        text = rows[last].text.strip()
        if not text or (last > at and text.startswith("(")):
            return None
        if text.endswith(")"):
            return last
        if ")" in text:
            return None
    return None
