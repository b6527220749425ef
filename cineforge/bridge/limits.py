"""`--until` and `--omit-from` beyond a fan-out that has yet to run: Snakemake would do nothing and exit 0."""

from __future__ import annotations

from cineforge.bridge.run_settings import RunSettings
from cineforge.deciding.planner import Planner
from cineforge.model.errors import DecisionFailed


def require_reachable_limits(planner: Planner, settings: RunSettings) -> None:
    """Raise DecisionFailed, with the command to type instead, for a limit that lies beyond an unsettled fan-out."""
    recipe = planner.recipe
    for name in sorted(settings.limits):
        stage_id = name.removeprefix("all_") if name not in recipe.stages else name
        if name.startswith("current/"):
            stage_id = recipe.makers.get(name.split("/")[1], "")
        if stage_id not in recipe.stages:
            continue
        upstream = recipe.upstream(stage_id)
        for other in recipe.stages.values():
            if other.id in upstream and other.is_fan_out and _is_open(planner, other.id):
                instead = _instead(planner, settings, name, stage_id)
                raise DecisionFailed(
                    f"{settings.limit_option} {name} lies beyond the fan-out '{other.id}', which has yet to run:"
                    f" its jobs are not known yet, and Snakemake would do nothing. Type instead:\n"
                    f"  snakemake -c{settings.cores} {instead}"
                )


def _is_open(planner: Planner, stage_id: str) -> bool:
    instances, waits = planner.instances(stage_id)
    return bool(waits) or not all(planner.is_settled(instance) for instance in instances)


def _instead(planner: Planner, settings: RunSettings, name: str, stage_id: str) -> str:
    recipe = planner.recipe
    if settings.limit_option == "--until":
        return name if name.startswith("current/") else f"all_{stage_id}"
    left = [
        other
        for other in recipe.stages
        if other != stage_id and stage_id not in recipe.upstream(other)
    ]
    return " ".join(f"all_{other}" for other in left)
