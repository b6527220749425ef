"""From the order of the scenes and their shots to an edit list with times."""

from __future__ import annotations

from typing import Any

from cineforge.model.errors import ModuleFailed
from cineforge.model.module_result import ModuleResult, Output

from .shared.shot_order import in_order


def run_module(inputs: Any, params: Any, project_config: Any, context: Any) -> ModuleResult:
    """Raises ModuleFailed when the order names a scene, or a shot list a shot, that does not exist."""
    cuts: list[dict[str, Any]] = []
    start = 0.0
    for place in inputs["order"].data["scenes"]:
        scene = place["id"]
        if scene not in inputs["shot_lists"]:
            raise ModuleFailed(
                f"previs_order names {scene}, which has no shot list: take it out of the order,"
                " or release the order so that it can be made anew"
            )
        for shot_id, shot in in_order(inputs["shot_lists"][scene].data, inputs["shots"]):
            cuts.append(
                {
                    "scene": scene,
                    "number": place["number"],
                    "shot": shot_id,
                    "size": shot["size"],
                    "subject": shot["subject"],
                    "start_seconds": start,
                    "seconds": shot["seconds"],
                }
            )
            start += shot["seconds"]
    data = {"cuts": cuts, "seconds": start, "running_time": _clock(start)}
    output = Output(data=data, intent="Tell how long the film will be before it is shot.")
    return ModuleResult(outputs={"animatic": output})


def _clock(seconds: float) -> str:
    """Hours, minutes and whole seconds: `0:04:30`."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"
