"""A project's config.yaml: its recipe or recipes, their `${variables}`, and `project:` values over the recipes' own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cineforge.model.canonical import canonical_json
from cineforge.model.errors import InvalidPayload, Problem, ProblemsFound
from cineforge.recipes.reading.key_paths import KeyPath
from cineforge.recipes.reading.yaml_source import YamlDocument, load_yaml
from cineforge.store import layout

if TYPE_CHECKING:
    from pydantic import JsonValue

#: The key of a project that several recipes serve.
RECIPES = "recipes"
_TEMPLATE = "__use_yte__"
LIST_HINT = "e.g. recipes: [screenplay, {recipe: previs, project: {aspect_ratio: '2.39:1'}}]"


def read_config(project: Path) -> dict[str, Any]:
    """The content of a project's config.yaml; empty without one. Raises ProblemsFound."""
    path = project / layout.CONFIG_FILE
    return read_values(path) if os.path.lexists(path) else {}


def read_values(
    path: Path, more: Callable[[YamlDocument], Iterable[Problem]] | None = None
) -> dict[str, Any]:
    """The content of a config.yaml, or of a file like it.

    It is read like a recipe, without YAML's surprises. Raises NotFound; ProblemsFound, with file and line, for what
    is no plain mapping, for a recipe that is no name, for `project:` values that are none, and for what `more` finds.
    """
    document = load_yaml(path)
    data = dict(document.data)
    problems: list[Problem] = []
    if "recipe" in data and (not isinstance(data["recipe"], str) or not data["recipe"]):
        problems.append(
            document.problem(
                ("recipe",), "must be a recipe's name or path", "e.g. recipe: screenplay"
            )
        )
    if _TEMPLATE in data:  # Snakemake fills such files in, where they are no config.yaml
        problems.append(
            document.problem((_TEMPLATE,), "templates are not filled in", "write the values out")
        )
    problems += _problems_of_project(document, data, ())
    problems += _problems_of_recipes(document, data)
    problems += more(document) if more else ()
    for name, value in data.items():
        try:
            canonical_json(value)
        except InvalidPayload as error:
            problems.append(document.problem((name,), str(error)))
    if problems:
        raise ProblemsFound(f"{path} cannot be used:", problems)
    return data


def _problems_of_project(
    document: YamlDocument, data: Mapping[str, Any], path: KeyPath
) -> Iterator[Problem]:
    if "project" in data and not isinstance(data["project"], Mapping):
        hint = 'e.g. project: {aspect_ratio: "2.39:1"}'
        yield document.problem((*path, "project"), "must hold keys and values", hint)


def _problems_of_recipes(document: YamlDocument, data: Mapping[str, Any]) -> Iterator[Problem]:
    if RECIPES not in data:
        return
    if "recipe" in data:
        hint = "list all of them under recipes"
        yield document.problem(("recipe",), "there are 'recipe' and 'recipes'", hint)
    listed = data[RECIPES]
    if not isinstance(listed, list) or not listed:
        yield document.problem((RECIPES,), "must be a list of recipes", LIST_HINT)
        return
    for index, item in enumerate(listed):
        path = (RECIPES, index)
        name = item.get("recipe") if isinstance(item, Mapping) else item
        if not isinstance(name, str) or not name:
            yield document.problem(path, "must be a recipe, or a recipe and its values", LIST_HINT)
        elif isinstance(item, Mapping):
            if RECIPES in item:
                hint = "list it beside the others"
                yield document.problem((*path, RECIPES), "a recipe has none of its own", hint)
            yield from _problems_of_project(document, item, path)


def fill_config(config: MutableMapping[str, JsonValue], project: Path) -> None:
    """Put the file's values under those given on the command line, which win.

    Of `recipes`, each becomes a map of its name and its own values, over which those of the command line go as well.
    """
    given = {name: value for name, value in config.items() if name not in ("recipe", RECIPES)}
    for name, value in read_config(project).items():
        if name == RECIPES and RECIPES not in config:
            config[name] = [_with_values(item, given) for item in value]
        elif name == "recipe" and RECIPES in config:
            continue  # another list takes the place of the one recipe
        elif name == "project" and isinstance(own := config.get(name), dict):
            config[name] = {**value, **own}
        else:
            config.setdefault(name, value)


def _with_values(item: JsonValue, given: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    values: dict[str, JsonValue] = dict(item) if isinstance(item, Mapping) else {"recipe": item}
    override(values, {name: value for name, value in given.items() if name in values})
    return values


def override(config: MutableMapping[str, JsonValue], values: Mapping[str, JsonValue]) -> None:
    """Put values over those that are there; of maps, each key of its own."""
    for name, value in values.items():
        before = config.get(name)
        if isinstance(value, Mapping) and isinstance(before, Mapping):
            merged = dict(before)
            override(merged, value)
            config[name] = merged
        else:
            config[name] = value


def project_values(config: Mapping[str, JsonValue]) -> Mapping[str, Any] | None:
    """The values that go over the recipe's `project:`."""
    values = config.get("project")
    if values is not None and not isinstance(values, Mapping):
        raise InvalidPayload(
            "--config project=...: give keys and values, or write them into config.yaml"
        )
    return values
