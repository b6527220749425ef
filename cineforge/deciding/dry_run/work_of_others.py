"""What other recipes of the project would make anew first, for a recipe that runs alone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from cineforge.deciding.dry_run.dry_run_planner import DryRunPlanner
from cineforge.deciding.dry_run.make_plan import make_plan
from cineforge.deciding.dry_run.probe import Probe, no_probe
from cineforge.recipes.listed import listed
from cineforge.recipes.named import recipe_path
from cineforge.recipes.project_recipes import read_recipes
from cineforge.recipes.reading.project_file import RECIPES

if TYPE_CHECKING:
    from pydantic import JsonValue

    from cineforge.deciding.facts.world import World
    from cineforge.deciding.selection import Selection
    from cineforge.model.records.decision_record import DecisionRecord
    from cineforge.recipes.resolved import ResolvedRecipe


def beside_the_listed(
    name: str, project: Path, config: Mapping[str, JsonValue]
) -> ResolvedRecipe | None:
    """A recipe that config.yaml does not list, as one with those that it lists. None for one that is listed.

    Raises CineForgeError where they cannot be taken together.
    """
    one = [config["recipe"]] if "recipe" in config else []
    items = config.get(RECIPES) or one
    if not isinstance(items, list) or not items:
        return None
    path = recipe_path(name, project).resolve()
    others = [each.name for each in listed({**config, RECIPES: items})]
    if path in [recipe_path(each, project).resolve() for each in others]:
        return None
    values = {**config, "recipe": str(path), RECIPES: [*items, str(path)]}
    whole = read_recipes(project, values).recipe
    return whole if whole.parts else None


def made_first(
    recipe: ResolvedRecipe,
    whole: ResolvedRecipe,
    asked: Selection,
    world: World,
    probe: Probe = no_probe,
) -> tuple[DecisionRecord, ...]:
    """The work of the other recipes on what one of the whole reads of them, for what is asked of the whole."""
    plan = make_plan(DryRunPlanner(whole, world, probe=probe), asked)
    return tuple(
        decision.record()
        for stage in plan
        if stage.stage not in recipe.stages
        for decision in stage.at_work
    )
