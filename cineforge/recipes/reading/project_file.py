"""A project's config.yaml: the recipe's name, its `${variables}`, and `project:` values over the recipe's own."""

from __future__ import annotations

import os
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Any

from cineforge.model.canonical import canonical_json
from cineforge.model.errors import InvalidPayload, Problem, ProblemsFound
from cineforge.recipes.reading.yaml_source import load_yaml
from cineforge.store import layout


def read_config(project: Path) -> dict[str, Any]:
    """The content of a project's config.yaml; empty without one.

    It is read like a recipe, without YAML's surprises. Raises ProblemsFound, with file and line, for what is no
    plain mapping, for a recipe that is no name, and for `project:` values that are none.
    """
    path = project / layout.CONFIG_FILE
    if not os.path.lexists(path):
        return {}
    document = load_yaml(path)
    data = dict(document.data)
    problems: list[Problem] = []
    if "recipe" in data and (not isinstance(data["recipe"], str) or not data["recipe"]):
        problems.append(
            document.problem(
                ("recipe",), "must be a recipe's name or path", "e.g. recipe: screenplay"
            )
        )
    if "project" in data and not isinstance(data["project"], Mapping):
        problems.append(
            document.problem(
                ("project",), "must hold keys and values", 'e.g. project: {aspect_ratio: "2.39:1"}'
            )
        )
    for name, value in data.items():
        try:
            canonical_json(value)
        except InvalidPayload as error:
            problems.append(document.problem((name,), str(error)))
    if problems:
        raise ProblemsFound(f"{path} cannot be used:", problems)
    return data


def fill_config(config: MutableMapping[str, Any], project: Path) -> None:
    """Put the file's values under those given on the command line, which win."""
    for name, value in read_config(project).items():
        if name == "project" and isinstance(config.get("project"), Mapping):
            config["project"] = {**value, **config["project"]}
        else:
            config.setdefault(name, value)


def override(config: MutableMapping[str, Any], values: Mapping[str, Any]) -> None:
    """Put values over those that are there; of maps, each key of its own."""
    for name, value in values.items():
        before = config.get(name)
        if isinstance(value, Mapping) and isinstance(before, Mapping):
            merged = dict(before)
            override(merged, value)
            config[name] = merged
        else:
            config[name] = value


def project_values(config: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The values that go over the recipe's `project:`."""
    values = config.get("project")
    if values is not None and not isinstance(values, Mapping):
        raise InvalidPayload(
            "--config project=...: give keys and values, or write them into config.yaml"
        )
    return values
