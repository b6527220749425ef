"""The files of recipes that are given by name or by path."""

from __future__ import annotations

from pathlib import Path

from cineforge.model.errors import NotFound, suggestion
from cineforge.recipes.reading.key_paths import shown
from cineforge.recipes.share import share_root
from cineforge.store import layout

_SUFFIXES = (".yaml", ".yml")


def recipe_path(name: str, project: Path | None, *, is_typed: bool = True) -> Path:
    """The file of a recipe given by name (`screenplay`) or by path.

    Names are looked up in the project's `recipes/`, then among the shipped ones; paths that are typed from the current
    folder, then from the project, then from where the shipped resources are; others, which a file of the project has,
    from the current folder last. Raises NotFound with the nearest name.
    """
    bases = [share_root()] if project is None else [project, share_root()]
    if "/" in name or name.endswith(_SUFFIXES):
        places = [base / name for base in bases]
        places.insert(0 if is_typed else len(places), Path(name))
    else:
        places = [base / layout.RECIPES / f"{name}{end}" for base in bases for end in _SUFFIXES]
    for place in places:
        if place.exists() and not place.is_dir():  # what is no regular file is told as that
            return place
    known = sorted(known_recipes(project))
    raise NotFound(f"there is no recipe {shown(name)}: {suggestion(Path(name).stem, known)}")


def known_recipes(project: Path | None) -> dict[str, Path]:
    """The files of all recipes that can be given by name: the project's own come before shipped ones."""
    bases = [share_root()] if project is None else [share_root(), project]
    folders = [base / layout.RECIPES for base in bases]
    return {
        file.stem: file
        for folder in folders
        if folder.is_dir()
        for file in sorted(folder.iterdir())
        if file.suffix in _SUFFIXES
    }
