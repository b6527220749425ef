"""Show what a new draft changes: scenes added, cut, moved and changed, cast and elements gained and lost.

examples:
  cineforge drafts white.fountain blue.fountain             two script files, no project needed
  cineforge drafts white.fdx blue.fdx --html blue.html      ... as a page to print
  cineforge drafts 2026-11-20 2026-11-28                    a project at two moments
  cineforge drafts monday friday --json                     ... at the ends of two runs (cineforge run --run-id)
  cineforge drafts white blue                               ... at two tags of Git, as their commits hold it
  cineforge drafts strip_board@3 strip_board@7              ... at two versions of the board

The exit status is 1 when the drafts differ, 2 when they cannot be compared.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from cineforge.commands.shared.options import add_question_options, file_to_write

if TYPE_CHECKING:
    from cineforge.drafts import Drafts, SceneChange, SceneRow

#: 1 is an answer, so trouble has a status of its own.
TROUBLE = 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "old", help="a script file, a moment, a run's id, a tag of Git, or strip_board@N"
    )
    parser.add_argument("new", help="the same kind of thing, later")
    parser.add_argument("--html", type=file_to_write, metavar="FILE", help="write a page as well")
    add_question_options(parser)


def run(options: argparse.Namespace) -> int:
    from cineforge.drafts import compare_drafts, read_drafts

    found = compare_drafts(*read_drafts(options.old, options.new, options.directory))
    if options.html:
        from cineforge.commands.shared.drafts_page import drafts_page
        from cineforge.store.disk.replacing import replace_file

        replace_file(options.html, drafts_page(found))
    if options.json:
        print(json.dumps({**asdict(found), "same": found.same}, indent=1, ensure_ascii=False))
    else:
        print("\n".join(text_lines(found)))
    return 0 if found.same else 1


def pages(eighths: int) -> str:
    """Eighths as people write them: `1 3/8`."""
    whole, rest = divmod(eighths, 8)
    parts = [str(whole)] if whole or not rest else []
    return " ".join([*parts, *([f"{rest}/8"] if rest else [])])


def text_lines(found: Drafts) -> Iterator[str]:
    """The whole answer as lines of text."""
    yield f"{found.old} -> {found.new}"
    yield (
        f"scenes {found.scenes_before} -> {found.scenes_after}, "
        f"pages {pages(found.eighths_before)} -> {pages(found.eighths_after)}"
    )
    if found.same:
        yield "nothing changed"
    yield from _scenes("added", found.added)
    yield from _scenes("cut", found.cut)
    yield from _scenes("omitted", found.omitted)
    if found.moved:
        yield f"\nmoved ({len(found.moved)})"
    for row, was, now in found.moved:
        yield f"  {row.number:>5}  {row.heading}: place {was} -> {now}"
    if found.changed:
        yield f"\nchanged ({len(found.changed)})"
    for change in found.changed:
        yield from _change(change)
    yield from _names("cast gained", found.cast_gained)
    yield from _names("cast lost", found.cast_lost)
    yield from _elements("elements gained", found.elements_gained)
    yield from _elements("elements lost", found.elements_lost)


def _scenes(title: str, rows: Sequence[SceneRow]) -> Iterator[str]:
    if rows:
        yield f"\n{title} ({len(rows)})"
    for row in rows:
        cast = f": {', '.join(row.cast)}" if row.cast else ""
        yield f"  {row.number:>5}  {pages(row.eighths):>6}  {row.heading}{cast}"


def _change(change: SceneChange) -> Iterator[str]:
    length = pages(change.eighths_after)
    if change.eighths_before != change.eighths_after:
        length = f"{pages(change.eighths_before)} -> {length}"
    lines = f"+{change.lines_added} -{change.lines_removed} lines"
    yield f"  {change.number:>5}  {length}  {change.heading} ({lines})"
    if change.was_heading != change.heading:
        yield f"         was: {change.was_heading}"
    if change.was_number != change.number:
        yield f"         was scene {change.was_number}"
    changes = [f"+{name}" for name in change.cast_gained] + [
        f"-{name}" for name in change.cast_lost
    ]
    for sign, elements in (("+", change.elements_gained), ("-", change.elements_lost)):
        changes += [
            f"{sign}{name} ({_kind(kind)})" for kind, them in elements.items() for name in them
        ]
    if changes:
        yield f"         {', '.join(changes)}"


def _names(title: str, names: Sequence[str]) -> Iterator[str]:
    if names:
        yield f"\n{title}: {', '.join(names)}"


def _elements(title: str, elements: Mapping[str, Sequence[str]]) -> Iterator[str]:
    if elements:
        yield f"\n{title}"
    for kind, names in elements.items():
        yield f"  {_kind(kind)}: {', '.join(names)}"


def _kind(category: str) -> str:
    return category.replace("_", " ")
