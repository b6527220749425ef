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
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cineforge.project import Judgement


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
    from cineforge.commands.shared.people import judgement_record, say_each
    from cineforge.project import Project

    with Project(options.directory) as project:
        judged = project.confirm_all(
            options.refs,
            why=options.why,
            who=options.who,
            by=options.by,
            confidence=options.confidence,
            examined=options.examined,
        )
    said = [(_said(each), judgement_record(each)) for each in judged]
    say_each(options.refs, said, "are confirmed", as_json=options.json)
    return 0


def _said(judged: Judgement) -> str:
    examined = judged.assessment.examined
    seen = f", having seen {', '.join(map(str, examined))}" if examined else ""
    return f"{judged.assessment.subject} is {judged.health.value.replace('_', ' ')}{seen}"
