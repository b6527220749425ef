"""What others are to make first, for a recipe that runs alone: by the words typed, in plans and after a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cineforge.model.errors import CineForgeError

if TYPE_CHECKING:
    from pydantic import JsonValue

    from cineforge.deciding.dry_run.probe import Probe
    from cineforge.deciding.facts.store_world import StoreWorld
    from cineforge.model.records.decision_record import DecisionRecord
    from cineforge.recipes.resolved import ResolvedRecipe


def made_first(
    recipe: ResolvedRecipe,
    name: str | None,
    targets: Sequence[str],
    project: Path,
    config: Mapping[str, JsonValue],
    world: StoreWorld,
    probe: Probe,
) -> tuple[DecisionRecord, ...]:
    """The work of the recipes that config.yaml lists on what a recipe that it does not list reads of them.

    Nothing for one that it lists: its plan has that work. Where the recipes cannot be taken together, nobody can tell.
    """
    from cineforge.commands.shared.run_request import TypedTargets, read_request
    from cineforge.deciding.dry_run import work_of_others as others
    from cineforge.deciding.planner import Planner

    if name is None or recipe.parts:
        return ()
    try:
        whole = others.beside_the_listed(name, project, config)
        if whole is None:
            return ()
        asked = read_request(TypedTargets(list(targets)), Planner(whole, world), world).asked
        return others.made_first(recipe, whole, asked, world, probe)
    except CineForgeError:
        return ()


def print_first(first: Sequence[DecisionRecord], recipe: str) -> None:
    """What a recipe that runs alone reads of others as it is now, and another run would make anew."""
    from cineforge.bridge.wording import first_lines

    for line in first_lines(first, recipe):
        print(line)
