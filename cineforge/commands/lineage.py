"""Show what a version was made from, or what was made from it, as a tree.

examples:
  cineforge lineage scene_report/scene_7 --up
  cineforge lineage script@2 --down --depth 2
  cineforge lineage strip_board --up --json
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from cineforge.commands.options import add_question_options

if TYPE_CHECKING:
    from cineforge.model.refs import ArtifactRef


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("ref", help="type[/entity][@version]; without a version the head")
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--up", action="store_true", help="what it was made from (the default)")
    way.add_argument("--down", action="store_true", help="what was made from it")
    parser.add_argument("--depth", type=int, metavar="N", help="how many steps (default: all)")
    add_question_options(parser)


def run(options: argparse.Namespace) -> int:
    from cineforge.commands.project import open_store, read_ref

    with open_store(options.directory) as store:
        ref = read_ref(store, options.ref)
        next_of = store.dependents if options.down else store.depends_on
        if options.json:
            print(json.dumps(_tree(ref, next_of, options.depth, set()), indent=1))
        else:
            for line in _lines(ref, next_of, options.depth, 0, set()):
                print(line)
    return 0


Steps = Callable[["ArtifactRef"], "list[ArtifactRef]"]


def _lines(
    ref: ArtifactRef, next_of: Steps, depth: int | None, level: int, shown: set[ArtifactRef]
) -> Iterator[str]:
    """An indented line a step. What was shown before is not opened again: lineages share their roots."""
    steps = [] if depth is not None and level >= depth else next_of(ref)
    again = " (shown above)" if ref in shown and steps else ""
    yield f"{'  ' * level}{ref}{again}"
    if not again:
        shown.add(ref)
        for step in steps:
            yield from _lines(step, next_of, depth, level + 1, shown)


def _tree(
    ref: ArtifactRef, next_of: Steps, depth: int | None, shown: set[ArtifactRef]
) -> dict[str, Any]:
    node: dict[str, Any] = {"ref": str(ref)}
    if ref in shown or depth == 0:
        return node
    shown.add(ref)
    left = None if depth is None else depth - 1
    node["steps"] = [_tree(step, next_of, left, shown) for step in next_of(ref)]
    return node
