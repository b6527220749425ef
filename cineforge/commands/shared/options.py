"""The options that many commands share."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_directory(parser: argparse.ArgumentParser) -> None:
    """`--directory`: the project."""
    parser.add_argument(
        "--directory", type=Path, default=Path(), metavar="PROJECT", help="the project folder"
    )


def file_to_write(text: str) -> Path:
    """A path typed for a file to make, or to replace: a device or a pipe in its place would be replaced as well."""
    path = Path(text)
    if path.is_dir():
        raise argparse.ArgumentTypeError(f"{text} is a folder: name a file in it")
    # /dev/stdout may lead to a file, and would itself be replaced.
    if path.absolute().parent == Path("/dev") or (path.exists() and not path.is_file()):
        raise argparse.ArgumentTypeError(f"{text} is no regular file: name a file")
    if not path.parent.is_dir():
        raise argparse.ArgumentTypeError(f"{text}: there is no folder {path.parent}: make it first")
    return path


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
