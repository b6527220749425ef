"""Write a recipe as a Snakemake file.

examples:
  cineforge compile screenplay                      to the terminal
  cineforge compile recipes/echo.yaml -o echo.smk
  snakemake -s echo.smk -c4 --directory my_project
"""

from __future__ import annotations

import argparse
import sys

from cineforge.commands.shared.options import add_directory, file_to_write


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "recipe",
        nargs="?",
        help="a recipe's name or the path of its file; without it the project's",
    )
    parser.add_argument(
        "-o", "--output", type=file_to_write, metavar="FILE", help="where to write it"
    )
    add_directory(parser)


def run(options: argparse.Namespace) -> int:
    from cineforge.bridge.workflow_text.compiler import compile_recipe
    from cineforge.bridge.workflow_text.generated_files import write_if_changed
    from cineforge.project.opening import read_project_recipes

    # The project's config.yaml fills the variables when the workflow runs, not now.
    read = read_project_recipes(options.directory.resolve(), options.recipe)
    text = compile_recipe(read.recipe, read.data, read.origin)
    if options.output is None:
        sys.stdout.write(text)
    else:
        write_if_changed(options.output.absolute(), text)
    return 0
