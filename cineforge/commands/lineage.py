"""Show what a version was made from, or what was made from it, as a tree.

examples:
  cineforge lineage scene_report/scene_7 --up
  cineforge lineage script@2 --down --depth 2
  cineforge lineage strip_board --up --json
"""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from cineforge.commands.shared.options import add_question_options

if TYPE_CHECKING:
    from cineforge.project import Step


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("ref", help="type[/entity][@version]; without a version the head")
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--up", action="store_true", help="what it was made from (the default)")
    way.add_argument("--down", action="store_true", help="what was made from it")
    parser.add_argument("--depth", type=int, metavar="N", help="how many steps (default: all)")
    add_question_options(parser)


def run(options: argparse.Namespace) -> int:
    from cineforge.project import Project

    with Project(options.directory) as project:
        steps = project.lineage(options.ref, down=options.down, depth=options.depth)
        if options.json:
            print(json.dumps(_record(list(steps), down=options.down), indent=1))
            return 0
        for step in steps:
            print(f"{'  ' * step.level}{step.ref}{' (shown above)' if step.again else ''}")
    return 0


def _record(steps: list[Step], *, down: bool) -> dict[str, Any]:
    """The steps of each version reached, by version: a nested tree would be too deep for many programs."""
    further: dict[str, list[str]] = {}
    way: list[str] = []
    for step in steps:
        name = str(step.ref)
        del way[step.level :]
        if way:
            further[way[-1]].append(name)
        way.append(name)
        further.setdefault(name, [])
    return {"ref": str(steps[0].ref), "way": "down" if down else "up", "steps": further}
