"""The differences of two versions, made ready to be shown: texts line by line, values as JSON. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass

from cineforge.model.artifact import Change, Diff
from cineforge.ui.content.json_text import shown_json
from cineforge.views.alike_changes import gathered

#: Differences on a page, lines of one text, and letters of one value.
SHOWN, LINES, LETTERS = 200, 400, 4_000


@dataclass(frozen=True)
class Shown:
    """One difference. `lines` are (sign, text) of a text told line by line; else `before` and `after` hold JSON.

    `others` counts those that follow and differ by as much in the same field: lines that moved, say.
    """

    path: str
    kind: str
    before: str
    after: str
    lines: tuple[tuple[str, str], ...] = ()
    others: int = 0


@dataclass(frozen=True)
class Changes:
    """A page of differences: from which on, and how many there are."""

    shown: tuple[Shown, ...]
    start: int
    total: int

    @property
    def later(self) -> int | None:
        after = self.start + len(self.shown)
        return after if after < self.total else None


def changes_shown(diff: Diff, start: int) -> Changes:
    """A page of what differs, attached files last."""
    every = [*gathered(diff.changes), *((change, 0) for change in diff.files)]
    part = every[start : start + SHOWN]
    return Changes(tuple(_shown(*each) for each in part), start, len(every))


def _shown(change: Change, others: int) -> Shown:
    before, after = change.before, change.after
    kind = change.kind.value
    if isinstance(before, str) and isinstance(after, str):
        lines = tuple(_lines(before, after))
        if lines:
            return Shown(change.path, kind, "", "", lines[:LINES], others)
    return Shown(
        change.path,
        kind,
        "" if kind == "added" else shown_json(before)[:LETTERS],
        "" if kind == "removed" else shown_json(after)[:LETTERS],
        others=others,
    )


def _lines(before: str, after: str) -> Iterator[tuple[str, str]]:
    found = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=2)
    for number, line in enumerate(found):
        if number >= 2 and not line.startswith("@@"):
            yield line[:1], line[1:]
