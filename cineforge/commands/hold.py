"""Hold the head of an artifact: no run replaces it, forced ones included, until it is released.

What is stale only because of it is shown as that. An approved scene keeps its old inputs while others move.

examples:
  cineforge hold scene_report/scene_7 --why "approved"
  cineforge hold 'scene/*' --why "locked"                  every one that matches, all or none
  cineforge hold script --directory my_film
"""

from __future__ import annotations

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from cineforge.commands.shared.people import add_hold_arguments

    add_hold_arguments(parser)


def run(options: argparse.Namespace) -> int:
    from cineforge.commands.shared.people import record_hold

    return record_hold(options, "hold")
