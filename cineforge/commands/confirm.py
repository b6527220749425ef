"""Confirm a version: you have looked at what changed upstream, and it still holds.

What was examined is recorded; the version turns `confirmed_valid`, and stale again by itself when something
new appears upstream. A run keeps it.

examples:
  cineforge confirm scene_report/scene_7 --why "the change is in another scene"
  cineforge confirm strip_board@4 --examined scene_index@9 --confidence 0.8
"""

from __future__ import annotations

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from cineforge.commands.people import add_word_arguments

    parser.add_argument("ref", help="type[/entity][@version]; without a version the head")
    parser.add_argument(
        "--examined",
        nargs="+",
        metavar="REF",
        help="what you looked at (default: every upstream change that makes it stale)",
    )
    parser.add_argument("--confidence", type=float, default=1.0, metavar="0..1")
    add_word_arguments(parser)


def run(options: argparse.Namespace) -> int:
    from cineforge.commands.people import record_judgement
    from cineforge.commands.project import open_store, read_ref
    from cineforge.model.health import Verdict

    with open_store(options.directory) as store:
        subject = read_ref(store, options.ref)
        if options.examined:
            examined = [read_ref(store, text) for text in options.examined]
        else:
            examined = list(dict.fromkeys(cause.head for cause in store.causes(subject)))
        record_judgement(store, options, subject, Verdict.CONFIRMED, examined)
        health = store.health(subject)
    seen = f", having seen {', '.join(map(str, examined))}" if examined else ""
    print(f"{subject} is {health.value.replace('_', ' ')}{seen}")
    return 0
