"""What a run would do: made by the command that begins it, before it begins, and of other recipes when it has ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cineforge.commands.shared.planning.plan_answer import answer
from cineforge.commands.shared.planning.plan_files import plan_file
from cineforge.commands.shared.planning.probe_progress import ProbeProgress
from cineforge.deciding.facts.store_world import StoreWorld
from cineforge.deciding.reasons import RERUN_TRIGGERS, enabled_reasons
from cineforge.store import ArtifactStore

if TYPE_CHECKING:
    from pydantic import JsonValue

    from cineforge.commands.shared.run_request import RunRequest
    from cineforge.model.records.plan_file import PlanFile, TypedRequest
    from cineforge.recipes.resolved import ResolvedRecipe


def look_ahead(
    recipe: ResolvedRecipe, request: RunRequest, project: Path, typed: TypedRequest
) -> PlanFile:
    """What the run would do now. Pure modules are run for it, and the run takes what they made."""
    from cineforge.commands.shared.planning.late_prober import LateProber
    from cineforge.deciding.dry_run.probe import no_probe

    with ArtifactStore(project, only_look=True) as store:
        world = StoreWorld(store, (project, Path.cwd()))
        enabled = enabled_reasons(typed.rerun_triggers or RERUN_TRIGGERS)
        progress = ProbeProgress()
        with LateProber(store, world.sources, progress) as prober:
            probe = prober if typed.probe else no_probe
            found = answer(recipe, store, world, request, enabled, probe)
        progress.clear()
    plan, report, planner = found
    return plan_file(typed, planner, plan, report)


def print_made_first(
    recipe: ResolvedRecipe,
    name: str,
    targets: Sequence[str],
    project: Path,
    config: Mapping[str, JsonValue],
) -> None:
    """Say what other recipes would make anew of what a run has read that was one recipe's alone."""
    from cineforge.commands.shared.planning.late_prober import LateProber
    from cineforge.commands.shared.planning.made_first import made_first, print_first

    with ArtifactStore(project, only_look=True) as store:
        world = StoreWorld(store, (project, Path.cwd()))
        with LateProber(store, world.sources, ProbeProgress()) as prober:
            first = made_first(recipe, name, targets, project, config, world, prober)
    print_first(first, recipe.recipe_id)
