"""List the heads as they were at a moment.

examples:
  cineforge at 2026-11-20
  cineforge at "2026-11-20 18:30" --directory my_film        your local time
  cineforge at 2026-11-20T18:30:00Z --json
"""

from __future__ import annotations

import argparse
import json
from datetime import datetime

from cineforge.commands.options import add_question_options
from cineforge.model.errors import CineForgeError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("time", help="an ISO date or time; local unless it names a zone")
    add_question_options(parser)


def run(options: argparse.Namespace) -> int:
    from cineforge.commands.project import open_store

    try:
        moment = datetime.fromisoformat(options.time).astimezone()
    except (ValueError, OverflowError):
        raise CineForgeError(
            f"'{options.time}' is no time: write e.g. 2026-11-20 or \"2026-11-20 18:30\""
        ) from None
    with open_store(options.directory) as store:
        heads = [str(ref) for ref in store.heads_at(moment)]
    if options.json:
        print(json.dumps(heads, indent=1))
    else:
        for head in heads:
            print(head)
    return 0
