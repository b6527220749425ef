"""Release an artifact: a person's version, or one on hold, may be replaced by the next run.

examples:
  cineforge release scene_report/scene_7 --why "the edit is obsolete"
  cineforge release 'scene/*' --why "unlocked"             every one that matches, all or none
  cineforge release script --directory my_film
"""

from __future__ import annotations

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from cineforge.commands.shared.people import add_hold_arguments

    add_hold_arguments(parser)


def run(options: argparse.Namespace) -> int:
    from cineforge.commands.shared.people import record_hold

    return record_hold(options, "release")
