"""List the modules that recipes can use.

examples:
  cineforge modules
  cineforge modules --directory my_film --json      with the project's own modules/
"""

from __future__ import annotations

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--directory", type=Path, default=Path(), metavar="PROJECT", help="the project folder"
    )
    parser.add_argument("--json", action="store_true", help="for programs")


def run(options: argparse.Namespace) -> int:
    raise NotImplementedError
