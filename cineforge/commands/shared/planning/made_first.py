"""What other recipes of the project would make anew first, for a recipe that runs alone: in plans, and after a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cineforge.model.errors import CineForgeError

if TYPE_CHECKING:
    from cineforge.deciding.dry_run.probe import Probe
    from cineforge.deciding.facts.store_world import StoreWorld
    from cineforge.model.records.decision_record import DecisionRecord
    from cineforge.recipes.resolved import ResolvedRecipe

SHOWN = 10


def made_first(
    recipe: ResolvedRecipe,
    name: str | None,
    targets: Sequence[str],
    project: Path,
    config: Mapping[str, Any],
    world: StoreWorld,
    probe: Probe,
) -> tuple[DecisionRecord, ...]:
    """The work of the recipes that config.yaml lists on what a recipe that it does not list reads of them.

    Nothing for one that it lists: its plan has that work. Where the recipes cannot be taken together, nobody can tell.
    """
    from cineforge.commands.shared.run_request import TypedTargets, read_request
    from cineforge.deciding.dry_run.dry_run_planner import DryRunPlanner
    from cineforge.deciding.dry_run.make_plan import make_plan
    from cineforge.deciding.planner import Planner

    if name is None or recipe.parts:
        return ()
    try:
        whole = _beside_the_listed(name, project, config)
        if whole is None or not whole.parts:
            return ()
        asked = read_request(TypedTargets(list(targets)), Planner(whole, world), world).asked
        plan = make_plan(DryRunPlanner(whole, world, probe=probe), asked)
    except CineForgeError:
        return ()
    return tuple(
        decision.record()
        for stage in plan
        if stage.stage not in recipe.stages
        for decision in stage.at_work
    )


def print_first(first: Sequence[DecisionRecord], recipe: str) -> None:
    """What a recipe that runs alone reads of others as it is now, and another run would make anew."""
    from cineforge.bridge.wording import decision_text

    for each in first[:SHOWN]:
        print(f"first, by another recipe: {each.instance}: {decision_text(each)}")
    if len(first) > SHOWN:
        print(f"first, by another recipe: ... and {len(first) - SHOWN} more")
    if first:
        print(
            f"'cineforge run' makes that; list {recipe} under recipes in config.yaml, and one run makes both"
        )


def _beside_the_listed(
    name: str, project: Path, config: Mapping[str, Any]
) -> ResolvedRecipe | None:
    from cineforge.commands.shared.project_option import load_project_recipe
    from cineforge.recipes.named import recipe_path
    from cineforge.recipes.reading.project_file import RECIPES

    one = [config["recipe"]] if "recipe" in config else []
    listed = config.get(RECIPES) or one
    path = recipe_path(name, project).resolve()
    others = [each["recipe"] if isinstance(each, Mapping) else each for each in listed]
    if not others or path in [recipe_path(each, project).resolve() for each in others]:
        return None
    values = {key: value for key, value in config.items() if key != "recipe"}
    return load_project_recipe(name, project, {**values, RECIPES: [*listed, str(path)]})
