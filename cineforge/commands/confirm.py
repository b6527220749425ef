"""Confirm a version: you have looked at what changed upstream, and it still holds.

What was examined is recorded; the version turns `confirmed_valid`, and stale again by itself when something
new appears upstream. A run keeps it.

examples:
  cineforge confirm scene_report/scene_7 --why "the change is in another scene"
  cineforge confirm strip_board@4 --examined scene_index@9 --confidence 0.8
  cineforge confirm scene/scene_7 --by rule --who only_whitespace --why "no word differs"
"""

from __future__ import annotations

import argparse
import json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from cineforge.commands.shared.people import add_judge_arguments

    add_judge_arguments(parser)
    parser.add_argument(
        "--examined",
        nargs="+",
        metavar="REF",
        help="what you looked at (default: every upstream change that makes it stale)",
    )


def run(options: argparse.Namespace) -> int:
    from cineforge.commands.shared.people import judgement_record
    from cineforge.project import Project

    with Project(options.directory) as project:
        judged = project.confirm(
            options.ref,
            why=options.why,
            who=options.who,
            by=options.by,
            confidence=options.confidence,
            examined=options.examined,
        )
    if options.json:
        print(json.dumps(judgement_record(judged), indent=1))
        return 0
    examined = judged.assessment.examined
    seen = f", having seen {', '.join(map(str, examined))}" if examined else ""
    print(f"{judged.assessment.subject} is {judged.health.value.replace('_', ' ')}{seen}")
    return 0
