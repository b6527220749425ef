"""The recipes that a project's configuration lists: their names, files and values, before any of them is read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cineforge.model.errors import DecisionFailed, NotFound
from cineforge.recipes.named import known_recipes, recipe_path
from cineforge.recipes.reading.key_paths import shown
from cineforge.recipes.reading.project_file import LIST_HINT, RECIPES, override

if TYPE_CHECKING:
    from pydantic import JsonValue

#: A recipe's data as read; of several, each in the order in which the project lists them.
RecipeData = Mapping[str, Any] | Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class NamedRecipe:
    """A recipe by name or path, with all values that hold for it."""

    name: str
    values: Mapping[str, JsonValue]

    @property
    def id_by_name(self) -> str:
        return Path(self.name).stem


def recipe_files(project: Path, config: Mapping[str, JsonValue]) -> tuple[Path, ...]:
    """The files of the recipes that a filled configuration names. Raises NotFound, DecisionFailed."""
    named, _ = chosen(config, project)
    return files_of(named, project)


def files_of(named: Iterable[NamedRecipe], project: Path) -> tuple[Path, ...]:
    """The files of recipes, in order. Raises NotFound with all that are not there."""
    files, missing = [], []
    for each in named:
        try:
            files.append(recipe_path(each.name, project, is_typed=False))
        except NotFound as error:
            missing.append(str(error))
    if missing:
        raise NotFound("\n".join(missing))
    return tuple(files)


def names_a_recipe(config: Mapping[str, JsonValue]) -> bool:
    return bool(config.get("recipe") or config.get(RECIPES))


def is_recipe(word: str, project: Path, config: Mapping[str, JsonValue]) -> bool:
    """Whether a word on the command line names a recipe, and not something that recipes make."""
    return word.endswith((".yaml", ".yml")) or word in recipe_names(project, config)


def recipe_names(project: Path, config: Mapping[str, JsonValue]) -> set[str]:
    """All names that a recipe can be given by here."""
    return {each.name for each in listed(config)} | known_recipes(project).keys()


def chosen(config: Mapping[str, JsonValue], project: Path) -> tuple[list[NamedRecipe], int | None]:
    """The recipes to read, and the place of the one that alone is asked for."""
    name = config.get("recipe")
    every = listed(config)
    if not name and every:
        return every, None
    if not isinstance(name, str) or not name:
        raise NotFound(
            "no recipe is chosen: write 'recipe: screenplay' into config.yaml, pass --config recipe=screenplay,"
            " or make a project with 'cineforge init'"
        )
    if every:
        file = recipe_path(name, project, is_typed=False).resolve()
        for place, its in enumerate(every):
            if its.name == name or _file(its, project) == file:
                return every, place
    return [NamedRecipe(name, shared_values(config))], None


def _file(named: NamedRecipe, project: Path) -> Path:
    return recipe_path(named.name, project, is_typed=False).resolve()


def shared_values(config: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    return {name: value for name, value in config.items() if name != RECIPES}


def listed(config: Mapping[str, JsonValue]) -> list[NamedRecipe]:
    """What `recipes` lists, each with its own values over those that hold for all of them."""
    items = config.get(RECIPES)
    if items is None:
        return []
    if not isinstance(items, list) or not items:
        raise DecisionFailed(f"recipes: {shown(items)} is no list of recipes: {LIST_HINT}")
    found = []
    for item in items:
        own = dict(item) if isinstance(item, Mapping) else {"recipe": item}
        name = own.get("recipe")
        if not isinstance(name, str) or not name:
            raise DecisionFailed(f"recipes: {shown(item)} names no recipe: {LIST_HINT}")
        values = shared_values(config)
        override(values, own)
        found.append(NamedRecipe(name, values))
    return found
