"""Confirm a version: you have looked at what changed upstream, and it still holds.

What was examined is recorded; the version turns `confirmed_valid`, and stale again by itself when something
new appears upstream. A run keeps it.

examples:
  cineforge confirm scene_report/scene_7 --why "the change is in another scene"
  cineforge confirm 'scene_report/*' --why "all read"              every head that matches, all or none
  cineforge confirm strip_board@4 --examined scene_index@9 --confidence 0.8
  cineforge confirm scene/scene_7 --by rule --who only_whitespace --why "no word differs"
"""

from __future__ import annotations

import argparse
import json

#: So many are told one by one.
SHOWN = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from cineforge.commands.shared.people import add_judge_arguments

    add_judge_arguments(parser, many=True)
    parser.add_argument(
        "--examined",
        nargs="+",
        metavar="REF",
        help="what you looked at (default: every upstream change that makes it stale)",
    )


def run(options: argparse.Namespace) -> int:
    from cineforge.commands.shared.people import judgement_record
    from cineforge.project import Project
    from cineforge.project.named_refs import is_glob

    with Project(options.directory) as project:
        judged = project.confirm_all(
            options.refs,
            why=options.why,
            who=options.who,
            by=options.by,
            confidence=options.confidence,
            examined=options.examined,
        )
    if options.json:
        records = [judgement_record(each) for each in judged]
        is_one = len(options.refs) == 1 and not is_glob(options.refs[0])
        print(json.dumps(records[0] if is_one else records, indent=1))
        return 0
    for each in judged[:SHOWN]:
        examined = each.assessment.examined
        seen = f", having seen {', '.join(map(str, examined))}" if examined else ""
        print(f"{each.assessment.subject} is {each.health.value.replace('_', ' ')}{seen}")
    if len(judged) > SHOWN:
        print(f"... and {len(judged) - SHOWN} more: {len(judged)} are confirmed in all")
    return 0
