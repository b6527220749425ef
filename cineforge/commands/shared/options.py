"""The options that many commands share."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_directory(parser: argparse.ArgumentParser) -> None:
    """`--directory`: the project."""
    parser.add_argument(
        "--directory", type=Path, default=Path(), metavar="PROJECT", help="the project folder"
    )


def add_question_options(parser: argparse.ArgumentParser) -> None:
    """`--directory`, and `--json` for answers that programs read."""
    add_directory(parser)
    parser.add_argument("--json", action="store_true", help="for programs")


def add_config_options(parser: argparse.ArgumentParser) -> None:
    """`--config` and `--configfile`, as Snakemake has them."""
    parser.add_argument(
        "--config",
        nargs="+",
        action="extend",
        default=[],
        metavar="NAME=VALUE",
        help="fill ${variables}",
    )
    parser.add_argument(
        "--configfile",
        "--configfiles",
        nargs="+",
        action="extend",
        default=[],
        type=Path,
        metavar="FILE",
        help="values over those of config.yaml, and under those of --config",
    )
