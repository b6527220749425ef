"""From the order of the scenes and their shots to an edit list with times."""

from __future__ import annotations

from typing import Any

from cineforge import (
    Inputs,
    ModuleContext,
    ModuleFailed,
    ModuleResult,
    Output,
    Params,
    ProjectValues,
)

from .shared.shot_order import in_order


def run_module(
    inputs: Inputs, params: Params, project_config: ProjectValues, context: ModuleContext
) -> ModuleResult:
    """Raises ModuleFailed when the order names a scene, or a shot list a shot, that does not exist."""
    cuts: list[dict[str, Any]] = []
    start = 0.0
    shot_lists, shots = inputs.many("shot_lists"), inputs.many("shots")
    for place in inputs.one("order").data["scenes"]:
        scene = place["id"]
        if scene not in shot_lists:
            raise ModuleFailed(
                f"previs_order names {scene}, which has no shot list: take it out of the order,"
                " or release the order so that it can be made anew"
            )
        for shot_id, shot in in_order(shot_lists[scene].data, shots):
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
    output = Output(
        data=data,
        intent="Tell how long the film will be before it is shot.",
        rationale="The seconds of the shots, one after the other, in the order of scenes and shot lists.",
    )
    return ModuleResult(outputs={"animatic": output})


def _clock(seconds: float) -> str:
    """Hours, minutes and whole seconds: `0:04:30`."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"
