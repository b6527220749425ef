"""The recipes of a project, by its configuration: one by itself, or several as one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from cineforge.model.errors import DecisionFailed, ProblemsFound
from cineforge.recipes.joined import joined
from cineforge.recipes.listed import (
    NamedRecipe,
    RecipeData,
    chosen,
    files_of,
    listed,
    shared_values,
)
from cineforge.recipes.load import read_recipe, resolve_recipe
from cineforge.recipes.reading.project_file import project_values
from cineforge.recipes.resolved import ResolvedRecipe

if TYPE_CHECKING:
    from pydantic import JsonValue

T = TypeVar("T")


@dataclass(frozen=True)
class ReadRecipes:
    """What a project's configuration names: resolved, as data, and where it came from, for people."""

    recipe: ResolvedRecipe
    data: RecipeData
    origin: str


def read_recipes(
    project: Path, config: Mapping[str, JsonValue], *, require_variables: bool = True
) -> ReadRecipes:
    """The recipe or recipes that a filled configuration names.

    With `recipe` beside `recipes` only that one is asked for; it stands alone if it is none of them. Raises NotFound,
    ProblemsFound with the mistakes of all of them.
    """
    named, only = chosen(config, project)
    files = files_of(named, project)

    def one(index: int) -> tuple[ResolvedRecipe, dict[str, Any]]:
        values = named[index].values
        return read_recipe(
            files[index],
            project=project,
            variables=values,
            project_values=project_values(values),
            require_variables=require_variables,
        )

    read = _all(one, len(named))
    recipe = joined([each for each, _ in read], None if only is None else read[only][0].recipe_id)
    origin = ", ".join(file.name for file in files)
    return ReadRecipes(recipe, read[0][1] if len(read) == 1 else [data for _, data in read], origin)


def resolve_recipes(
    data: RecipeData, project: Path, config: Mapping[str, JsonValue]
) -> ResolvedRecipe:
    """The same for recipes that are data already, such as those embedded in a compiled workflow."""
    if isinstance(data, Mapping):
        alone = next(
            (its for its in listed(config) if its.id_by_name == data.get("recipe_id")),
            NamedRecipe("", shared_values(config)),
        )
        datas, named, only = [data], [alone], None
    else:
        datas, named = list(data), listed(config)
        if len(datas) != len(named):
            raise DecisionFailed(
                "config.yaml lists other recipes than this workflow was compiled from: compile it again"
            )
        asked = Path(str(config.get("recipe"))).stem
        ids = [str(each["recipe_id"]) for each in datas]
        only = next(
            (id_ for its, id_ in zip(named, ids, strict=True) if its.id_by_name == asked), None
        )

    def one(index: int) -> ResolvedRecipe:
        values = named[index].values
        return resolve_recipe(
            datas[index],
            project=project,
            variables=values,
            project_values=project_values(values),
        )

    return joined(_all(one, len(datas)), only)


def _all(one: Callable[[int], T], count: int) -> list[T]:
    """Each of them; or the mistakes of all."""
    found: list[T] = []
    failed: list[ProblemsFound] = []
    for index in range(count):
        try:
            found.append(one(index))
        except ProblemsFound as problems:
            failed.append(problems)
    if len(failed) == 1:
        raise failed[0]
    if failed:
        all_problems = dict.fromkeys(problem for each in failed for problem in each.problems)
        raise ProblemsFound("the recipes of the project cannot be used:", all_problems)
    return found
