"""Make a project folder: config.yaml, a Snakefile, profiles, a copy of the story, and what Git is to know of it.

examples:
  cineforge init my_film --recipe screenplay --story draft3.fountain
  cineforge init my_film --recipe screenplay --recipe previs --story draft3.fountain      both, as one whole
  cineforge init test --recipe echo
  cd my_film && snakemake -c4
"""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
from pathlib import Path
from typing import Any

from cineforge.model.errors import CineForgeError, NotFound, nearest
from cineforge.store import layout
from cineforge.store.disk import safe_files


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "project", type=Path, nargs="?", help="the folder to make; it may exist already"
    )
    parser.add_argument(
        "--directory", type=Path, metavar="PROJECT", help="the same, as other commands take it"
    )
    parser.add_argument(
        "--recipe",
        action="append",
        required=True,
        help="a recipe's name, or the path of its file (may be repeated: the project is then served by all of them)",
    )
    parser.add_argument("--story", type=Path, metavar="FILE", help="a screenplay; it is copied")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="fill a ${variable} of the recipe (may be repeated)",
    )


def run(options: argparse.Namespace) -> int:
    import yaml

    from cineforge.project.git_files import write_git_files
    from cineforge.recipes.named import recipe_path
    from cineforge.recipes.project_recipes import read_recipes
    from cineforge.recipes.reading.typed_values import assignments
    from cineforge.recipes.share import share_root
    from cineforge.store.disk.replacing import replace_file
    from cineforge.store.index.marks import name_project, project_name

    if (options.project is None) == (options.directory is None):
        raise CineForgeError("name one folder for the project: cineforge init PROJECT")
    named_folder: Path = options.project or options.directory
    project = named_folder.absolute()
    layout.require_utf8(project)
    config_file = project / layout.CONFIG_FILE
    if os.path.lexists(config_file):
        raise CineForgeError(f"'{named_folder}' is a project already: edit {config_file}")
    values = assignments(options.set, "--set")
    recipe_files = [recipe_path(name, project) for name in options.recipe]
    if options.story is not None:
        if not options.story.is_file():
            raise NotFound(_no_story(options.story))
        values["story"] = options.story.name
    # A mistake shows before anything is written.
    read_recipes(project, {**values, **_named([str(each.resolve()) for each in recipe_files])})

    project.mkdir(parents=True, exist_ok=True)
    story = project / options.story.name if options.story else None
    if story is not None and not os.path.lexists(story):
        _copy(options.story, story)
    shared = share_root()
    profiles = (f"profiles/{name}/config.yaml" for name in ("default", "slurm", "kubernetes"))
    for name in ("Snakefile", *profiles):
        target = project / name
        layout.require_inside(project, target.parent)
        if not os.path.lexists(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            _copy(shared / name, target)
    config = {**_named([_name_in(project, each.absolute()) for each in recipe_files]), **values}
    replace_file(config_file, yaml.safe_dump(config, sort_keys=False, allow_unicode=True))
    write_git_files(project)
    if not project_name(project):
        name_project(project)
    if options.story is not None:
        print(f"edit the story in the project from now on: {named_folder / options.story.name}")
    print(f"{named_folder} is ready. Next:\n  cd {shlex.quote(str(named_folder))}\n  snakemake -c4")
    return 0


def _named(names: list[str]) -> dict[str, Any]:
    """How config.yaml names its recipe, or its recipes."""
    return {"recipe": names[0]} if len(names) == 1 else {"recipes": names}


def _name_in(project: Path, recipe_file: Path) -> str:
    """What a project calls a recipe: where it is found by its name alone, that."""
    from cineforge.recipes.share import share_root

    if recipe_file.parent in (share_root() / layout.RECIPES, project / layout.RECIPES):
        return recipe_file.stem
    # From the project, which may be moved together with the recipe; a relative path meant the folder it was typed in.
    # Links are followed on both sides: `..` means the folder that a link leads to.
    return os.path.relpath(recipe_file.resolve(), project.resolve())


def _copy(source: Path, target: Path) -> None:
    """Copy a file to where nothing is: what somebody planted there is not written through."""
    with safe_files.stream(source, follow=True, holes=False) as read, target.open("xb") as written:
        shutil.copyfileobj(read, written)


def _no_story(story: Path) -> str:
    if story.exists():
        return f"'{story}' is not an ordinary file: name one that is"
    text = f"there is no file '{story}'"
    if story.parent.is_dir():
        close = nearest(story.name, [each.name for each in story.parent.iterdir()])
        return f"{text}: did you mean '{story.parent / close}'?" if close else text
    return f"{text}, nor a folder '{story.parent}'"
