"""A payload laid out for reading: what JSON nests becomes headings, tables, lists, and the page of a screenplay.

Pure: a tree of plain facts, which a template writes. What is long is told in parts, so that no page sends more than
it shows.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

#: So many lines of a list are shown at once, of one within a list and of one deeper inside; letters of a text.
SHOWN, LETTERS = (100, 12, 6), 20_000
_DEEPEST, _COLUMNS, _SHORT, _ON_A_LINE = 12, 12, 60, 3
#: What the lines of a screenplay are called in a payload.
_LINES = frozenset(
    {"action", "character", "dialogue", "dual_dialogue", "parenthetical", "transition", "heading"}
    | {"scene_heading", "shot", "lyric", "lyrics", "centered", "section", "synopsis", "note"}
)


@dataclass(frozen=True)
class Node:
    """One value. `kind` is text, number, flag, nothing, fields, table, chips, items, script or deep.

    `text` of fields is what they call themselves. Of a list that is told in parts, `start` is where this one begins,
    `total` how many there are, `step` how many are told at once, and `place` its name for asking for another part.
    """

    kind: str
    text: str = ""
    fields: tuple[tuple[str, Node], ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Node, ...], ...] = ()
    items: tuple[Node, ...] = ()
    place: str = ""
    start: int = 0
    total: int = 0
    shown: int = 0
    step: int = 0

    @property
    def is_short(self) -> bool:
        """Whether it fits beside its heading."""
        if self.kind == "text":
            return len(self.text) <= _SHORT * 3 and "\n" not in self.text
        return self.kind in ("number", "flag", "nothing", "chips") or self.is_inline

    @property
    def is_inline(self) -> bool:
        """Whether it is a small object that fits on a line."""
        small = self.kind == "fields" and 0 < len(self.fields) <= _ON_A_LINE and not self.text
        letters = sum(len(each.text) for _, each in self.fields)
        return (
            small
            and letters <= 2 * _SHORT
            and all(
                each.kind in ("number", "flag", "nothing")
                or (each.kind == "text" and each.is_short)
                for _, each in self.fields
            )
        )

    @property
    def earlier(self) -> int | None:
        return max(0, self.start - self.step) if self.start else None

    @property
    def later(self) -> int | None:
        return self.start + self.shown if self.start + self.shown < self.total else None


@dataclass(frozen=True)
class _Reader:
    starts: Mapping[str, int] = field(default_factory=dict)
    shown: tuple[int, ...] = SHOWN
    letters: int = LETTERS

    def node(self, value: Any, place: str, depth: int) -> Node:
        if value is None:
            return Node("nothing")
        if isinstance(value, bool):
            return Node("flag", "yes" if value else "no")
        if isinstance(value, int | float):
            return Node("number", _number(value))
        if isinstance(value, str):
            cut = len(value) > self.letters
            return Node("text", value[: self.letters] + (" ..." if cut else ""), total=len(value))
        if depth >= _DEEPEST:
            return Node("deep", f"{len(value)} more inside")
        if isinstance(value, dict):
            return self._fields(value, place, depth)
        return self._list(value, place, depth)

    def _fields(self, value: dict[str, Any], place: str, depth: int) -> Node:
        if not value:
            return Node("nothing")
        named = title_of(value) if depth else ""
        shown = tuple(
            (key, self.node(each, f"{place}.{key}", depth + 1))
            for key, each in list(value.items())[: self.shown[0]]
            if not (named and isinstance(each, str) and each.strip() == named)
        )
        total = len(value) - min(len(value), self.shown[0]) + len(shown)
        return Node("fields", named, shown, place=place, total=total, shown=len(shown))

    def _list(self, value: list[Any], place: str, depth: int) -> Node:
        if not value:
            return Node("nothing")
        start = min(self.starts.get(place, 0), len(value) - 1)
        step = self.shown[min(place.count("["), len(self.shown) - 1)]
        part = value[start : start + step]
        within = partial(
            Node, place=place, start=start, total=len(value), shown=len(part), step=step
        )
        if all(_is_line(each) for each in part):
            return within("script", items=tuple(_line(each) for each in part))
        if all(_is_chip(each) for each in part):
            return within("chips", items=tuple(self.node(each, place, depth) for each in part))
        columns = _columns(part)
        if columns:
            rows = tuple(
                tuple(self.node(each.get(name), f"{place}[].{name}", depth + 2) for name in columns)
                for each in part
            )
            return within("table", columns=columns, rows=rows)
        # Each of these takes many lines: fewer fill a page.
        step = max(5, step // 4)
        items = tuple(
            self.node(each, f"{place}[{start + at}]", depth + 1)
            for at, each in enumerate(part[:step])
        )
        return within("items", items=items, shown=len(items), step=step)


def readable(data: Any, starts: Mapping[str, int] | None = None, *, whole: bool = False) -> Node:
    """A payload as a tree to be laid out. `starts` tells by place from where on long lists are shown.

    With `whole` nothing is told in parts: for a page that nobody can ask for more.
    """
    if whole:
        return _Reader(shown=(sys.maxsize,), letters=sys.maxsize).node(data, "$", 0)
    return _Reader(starts or {}).node(data, "$", 0)


def title_of(data: Any) -> str:
    """What a payload calls itself, if it does."""
    if isinstance(data, dict):
        for name in ("title", "heading", "name"):
            value = data.get(name)
            if isinstance(value, str) and value.strip():
                return value.strip()[:200]
            if isinstance(value, dict) and isinstance(value.get("text"), str):
                return str(value["text"])[:200]
    return ""


def _line(value: dict[str, Any]) -> Node:
    return Node("line", value["text"][:LETTERS], place=str(value["type"]))


def _is_line(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get("text"), str)
        and isinstance(value.get("type"), str)
        and value["type"] in _LINES
    )


def _is_chip(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) <= _SHORT and "\n" not in value
    return value is None or isinstance(value, int | float)


def _columns(part: list[Any]) -> tuple[str, ...]:
    """The keys of a list of flat objects, or none within a table would not hold them."""
    if not all(isinstance(each, dict) and each for each in part):
        return ()
    names = tuple(dict.fromkeys(key for each in part for key in each))
    flat = all(_is_cell(value) for each in part for value in each.values())
    return names if flat and len(names) <= _COLUMNS else ()


def _is_cell(value: Any) -> bool:
    if isinstance(value, list):
        return len(value) <= SHOWN[0] and all(_is_chip(each) for each in value)
    return _is_chip(value) or (isinstance(value, str) and len(value) <= 2000)


def _number(value: int | float) -> str:
    return (
        str(value) if isinstance(value, int) else f"{value:g}" if abs(value) < 1e15 else repr(value)
    )
