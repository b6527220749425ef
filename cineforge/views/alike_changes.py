"""Differences told once that come many times: of lines that moved, say, each is another number by as much."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby

from cineforge.model.artifact import Change

_INDEX = re.compile(r"\[\d+\]")


def gathered(changes: Iterable[Change]) -> Iterator[tuple[Change, int]]:
    """Each change, and how many that follow differ by as much in the same field."""
    for _, alike in groupby(enumerate(changes), key=_likeness):
        first, *others = [change for _, change in alike]
        yield first, len(others)


def shift_of(change: Change) -> int | None:
    """By how much an integer is another now; None for any other change."""
    before, after = change.before, change.after
    if type(before) is int and type(after) is int:
        return after - before
    return None


def _likeness(numbered: tuple[int, Change]) -> tuple[object, ...]:
    place, change = numbered
    shift = shift_of(change)
    return (place,) if shift is None else (_INDEX.sub("[]", change.path), shift)
