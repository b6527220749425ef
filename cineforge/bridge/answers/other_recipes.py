"""A recipe that config.yaml does not list, run alone by plain Snakemake: what others are to make first is said."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from cineforge.bridge.run_context import RunContext
from cineforge.bridge.wording import first_lines
from cineforge.deciding.dry_run.work_of_others import beside_the_listed, made_first
from cineforge.model.errors import CineForgeError
from cineforge.recipes.reading.project_file import RECIPES, read_config
from cineforge.recipes.resolved import ResolvedRecipe

if TYPE_CHECKING:
    from pydantic import JsonValue


def listed_beside(
    recipe: ResolvedRecipe, project: Path, config: Mapping[str, JsonValue]
) -> dict[str, JsonValue] | None:
    """What config.yaml says of the recipes that serve the project, when the one that was typed is none of them."""
    own = {key: each for key, each in read_config(project).items() if key in ("recipe", RECIPES)}
    is_typed = config.get("recipe") != own.get("recipe")
    return own if is_typed and not recipe.parts and any(own.values()) else None


def say_what_is_made_first(
    context: RunContext, config: Mapping[str, JsonValue], listed: Mapping[str, JsonValue]
) -> None:
    """Say what those `listed` would make anew of what this one reads. Where it cannot be told, nothing is said."""
    project = context.store.project
    values = {key: each for key, each in config.items() if key not in ("recipe", RECIPES)}
    with suppress(CineForgeError):
        whole = beside_the_listed(str(config["recipe"]), project, {**values, **listed})
        if whole is not None:
            first = made_first(context.recipe, whole, context.settings.asked, context.world)
            for line in first_lines(first, context.recipe.recipe_id):
                context.say(line)
