"""List the heads as they were at a moment. A day, a week or a second alone means its end.

examples:
  cineforge at 2026-11-20
  cineforge at "2026-11-20 18:30" --directory my_film        your local time
  cineforge at 2026-11-20T18:30:00Z --json

A head of then is shown with `cineforge show`, and compared with `cineforge diff`.
"""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

from cineforge.commands.shared.options import add_question_options

if TYPE_CHECKING:
    from cineforge.store import HeadThen


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("time", help="an ISO date or time; local unless it names a zone")
    add_question_options(parser)


def run(options: argparse.Namespace) -> int:
    from cineforge.commands.shared.table import print_table
    from cineforge.project import Project

    with Project(options.directory) as project:
        heads = project.at(options.time)
    if options.json:
        print(json.dumps([_record(each) for each in heads], indent=1))
        return 0
    if not heads:
        print("nothing had been made by then", file=sys.stderr)
        return 0
    rows = [
        [
            str(each.ref),
            f"{each.created_at:%Y-%m-%d %H:%M:%S}",
            each.source.value,
            each.run_id or "",
            "" if each.now == each.ref else f"@{each.now.version}",
        ]
        for each in heads
    ]
    print_table(["head then", "made (UTC)", "source", "run", "now"], rows)
    return 0


def _record(head: HeadThen) -> dict[str, Any]:
    return {
        "ref": str(head.ref),
        "made_at": head.created_at.isoformat(),
        "source": head.source.value,
        "run_id": head.run_id,
        "now": str(head.now),
    }
