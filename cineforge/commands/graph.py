"""Draw the artifacts of a project, or the stages of a recipe.

examples:
  cineforge graph --format svg -o film.svg               the whole project (svg needs Graphviz)
  cineforge graph --stale --expand scene                 what is out of date, since which change; as mermaid text
  cineforge graph --up strip_board --depth 2             what it was made from; --down for what was made from it
  cineforge graph --type scene --type scene_report --format json
  cineforge graph screenplay --of stages                 the stages of a recipe

Without --of it is the artifacts when there are any, and no recipe is named. Many artifacts of one type are one node;
--expand TYPE opens it.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from cineforge.commands.shared.options import add_directory, file_to_write
from cineforge.model.errors import CineForgeError

if TYPE_CHECKING:
    from cineforge.recipes.resolved import ResolvedRecipe


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("recipe", nargs="?", help="a recipe's name, or the path of its file")
    parser.add_argument("--of", choices=("stages", "artifacts"), help="what to draw")
    parser.add_argument(
        "--up", action="append", default=[], metavar="REF", help="only what it was made from"
    )
    parser.add_argument(
        "--down", action="append", default=[], metavar="REF", help="only what was made from it"
    )
    parser.add_argument(
        "--depth", type=int, metavar="N", help="so many steps up or down (default: all)"
    )
    parser.add_argument(
        "--stale", action="store_true", help="only what is out of date, and the changes behind it"
    )
    parser.add_argument(
        "--type", action="append", default=[], metavar="TYPE", help="only artifacts of this type"
    )
    parser.add_argument(
        "--expand",
        action="append",
        default=[],
        metavar="TYPE",
        help="a node for each artifact of this type",
    )
    parser.add_argument(
        "--limit",
        type=int,
        metavar="N",
        help="open at most N of a type, what is out of date first; 0 opens all (default: 200)",
    )
    parser.add_argument("--format", choices=("svg", "dot", "mermaid", "json"), default="mermaid")
    parser.add_argument(
        "-o", "--output", type=file_to_write, metavar="FILE", help="where to write it"
    )
    add_directory(parser)


def run(options: argparse.Namespace) -> int:
    from cineforge.bridge.workflow_text.generated_files import write_if_changed

    narrowed = any((options.up, options.down, options.stale, options.type, options.expand))
    if options.of == "stages" and narrowed:
        raise CineForgeError(
            "--up, --down, --stale, --type and --expand choose artifacts: leave out --of stages"
        )
    of_artifacts = options.of == "artifacts" or narrowed
    if options.of is None and not narrowed and options.recipe is None:
        of_artifacts = _has_artifacts(options.directory)
    text = _artifacts(options) if of_artifacts else _stages(options)
    if options.output is None:
        sys.stdout.write(text)
    else:
        write_if_changed(options.output.absolute(), text)
    return 0


def _has_artifacts(folder: Path) -> bool:
    from cineforge.commands.shared.project_option import open_store
    from cineforge.model.health import RESERVED_TYPES

    with open_store(folder) as store:
        return bool(store.health_counts().keys() - RESERVED_TYPES)


def _artifacts(options: argparse.Namespace) -> str:
    from cineforge.project import Project
    from cineforge.project.approvals import to_approve
    from cineforge.store import DrawingRequest
    from cineforge.views import artifact_graph
    from cineforge.views.dot import to_dot
    from cineforge.views.mermaid import to_mermaid
    from cineforge.views.picture import draw_svg

    with Project(options.directory) as project:
        request = DrawingRequest(
            up=tuple(map(project.ref, options.up)),
            down=tuple(map(project.ref, options.down)),
            depth=options.depth,
            out_of_date=options.stale,
            types=tuple(options.type) or _types_of(options),
            expand=tuple(options.expand),
        )
        if options.limit is not None:
            request = replace(request, limit=options.limit)
        graph = artifact_graph(project.store, request, to_approve(project.store, project.folder))
    if options.format == "json":
        return graph.model_dump_json(indent=1, exclude_defaults=True) + "\n"
    if not graph.nodes:
        nothing = "nothing is out of date" if options.stale else "there are no artifacts yet"
        raise CineForgeError(f"{nothing}: there is nothing to draw")
    if options.format == "mermaid":
        return to_mermaid(graph)
    dot = to_dot(graph)
    return draw_svg(dot) if options.format == "svg" else dot


def _types_of(options: argparse.Namespace) -> tuple[str, ...]:
    """The types that the recipe makes which was named, if one was."""
    return () if options.recipe is None else tuple(_recipe(options).makers)


def _stages(options: argparse.Namespace) -> str:
    from cineforge.recipes.stage_graph import stage_graph_data, to_dot, to_mermaid
    from cineforge.views.picture import draw_svg

    recipe = _recipe(options)
    if options.format == "json":
        return json.dumps(stage_graph_data(recipe), indent=1) + "\n"
    if options.format == "mermaid":
        return to_mermaid(recipe)
    return draw_svg(to_dot(recipe)) if options.format == "svg" else to_dot(recipe)


def _recipe(options: argparse.Namespace) -> ResolvedRecipe:
    from cineforge.project.opening import read_project_recipes

    return read_project_recipes(options.directory.resolve(), options.recipe).recipe
