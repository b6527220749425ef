"""Draw the stages of a recipe.

examples:
  cineforge graph screenplay                                     as mermaid text
  cineforge graph recipes/echo.yaml --format svg -o echo.svg      needs Graphviz
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

from cineforge.commands.shared.options import add_directory
from cineforge.model.errors import CineForgeError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("recipe", help="a recipe's name, or the path of its file")
    parser.add_argument("--format", choices=("svg", "dot", "mermaid"), default="mermaid")
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="where to write it")
    add_directory(parser)


def run(options: argparse.Namespace) -> int:
    from cineforge.bridge.workflow_text.generated_files import write_if_changed
    from cineforge.recipes.load import load_recipe, recipe_path
    from cineforge.recipes.stage_graph import to_dot, to_mermaid

    project = options.directory.resolve()
    path = recipe_path(options.recipe, project)
    recipe = load_recipe(path, project=project, variables={}, require_variables=False)
    if options.format == "mermaid":
        text = to_mermaid(recipe)
    else:
        text = to_dot(recipe)
        if options.format == "svg":
            text = _svg(text)
    if options.output is None:
        sys.stdout.write(text)
    else:
        write_if_changed(options.output.absolute(), text)
    return 0


def _svg(dot: str) -> str:
    program = shutil.which("dot")
    if program is None:
        raise CineForgeError(
            "svg needs Graphviz: install it (Debian: apt-get install graphviz), or use --format mermaid"
        )
    done = subprocess.run(
        [program, "-Tsvg"], input=dot, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise CineForgeError(f"Graphviz failed: {done.stderr.strip()}")
    return done.stdout
