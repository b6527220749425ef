"""Ask for a revision of a version: the next run makes it anew, whether anything upstream changed or not.

examples:
  cineforge revise scene_report/scene_7 --why "counts the dog's barks as dialogue"
  cineforge revise character_bible/bob@3
"""

from __future__ import annotations

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from cineforge.commands.people import add_word_arguments

    parser.add_argument("ref", help="type[/entity][@version]; without a version the head")
    parser.add_argument("--confidence", type=float, default=1.0, metavar="0..1")
    add_word_arguments(parser)


def run(options: argparse.Namespace) -> int:
    from cineforge.commands.people import record_judgement
    from cineforge.commands.project import open_store, read_ref
    from cineforge.model.health import Verdict

    with open_store(options.directory) as store:
        subject = read_ref(store, options.ref)
        record_judgement(store, options, subject, Verdict.NEEDS_REVISION)
        is_head = subject == store.head(subject.key)
    later = "" if is_head else ": it has been followed by a newer version, so no run will act on it"
    print(f"a revision of {subject} is asked for{later}")
    return 0
