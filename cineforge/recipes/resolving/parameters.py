"""The parameters of a stage: the recipe's values over the module's defaults, checked against its schema."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy

from pydantic import JsonValue

from cineforge.recipes.json_schema.patterns import InvalidSchema
from cineforge.recipes.json_schema.schema_check import schema_errors
from cineforge.recipes.modules.module_folder import FoundModule
from cineforge.recipes.reading.key_paths import KeyPath
from cineforge.recipes.reading.variables import Filling
from cineforge.recipes.resolving.partial_recipe import Draft, DraftStage


def filled_params(
    draft: Draft, filling: Filling, stage: DraftStage, found: FoundModule, given: JsonValue
) -> dict[str, JsonValue]:
    """The values that the module gets. What does not fit its schema is reported to the draft.

    Places whose variables are unfilled are not checked: their text is not yet the value.
    """
    params = default_params(found.parameters)
    params.update(given if isinstance(given, dict) else {})
    place = stage.place("params")
    try:
        errors = schema_errors(found.parameters, params)
    except InvalidSchema as invalid:
        draft.problems.append(found.document.problem(("parameters",), str(invalid)))
        return params
    for error in errors:
        path: KeyPath = (*place, *error.keys)
        if not any(_touch(path, unfilled) for unfilled in filling.unfilled):
            draft.report(path, error.message, f"expected {error.expected}")
    return params


def default_params(schema: Mapping[str, object]) -> dict[str, JsonValue]:
    """The values that a schema of parameters gives to those that a recipe does not name."""
    properties = schema.get("properties")
    if not isinstance(properties, Mapping):
        return {}
    return {
        name: deepcopy(rules["default"])
        for name, rules in properties.items()
        if isinstance(rules, Mapping) and "default" in rules
    }


def _touch(path: KeyPath, unfilled: KeyPath) -> bool:
    """Whether an unfilled text lies at, below or above a place; above the parameters themselves does not count."""
    shorter = min(len(path), len(unfilled))
    return path[:shorter] == unfilled[:shorter] and len(path) > len(("stages", 0, "params"))
