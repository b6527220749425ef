"""From one shot to its frames: a picture at its beginning, and every few seconds after that."""

from __future__ import annotations

import math

from cineforge import Inputs, ModuleContext, ModuleResult, Output, Params, ProjectValues

from .picture import HEIGHT, draw, width_for
from .shared.echo_knobs import turn_knobs
from .shared.mock_models import ask_image_model


def run_module(
    inputs: Inputs, params: Params, project_config: ProjectValues, context: ModuleContext
) -> ModuleResult:
    """Each frame is kept when it is paid. Raises ModuleFailed for an aspect_ratio that is none, or if asked to."""
    shot = inputs.one("shot").data
    width = width_for(project_config.get("aspect_ratio", "2.39:1"))
    made = context.emitted("frame")
    for place in range(max(1, math.ceil(shot["seconds"] / params["every_seconds"]))):
        own, at = f"frame_{place + 1}", float(place * params["every_seconds"])
        if own in made:
            continue
        prompt = f"{shot['size']} shot, {shot['subject']}: {shot['description']}"
        context.require_budget()
        image = draw(prompt, shot["size"], at / shot["seconds"], width)
        ask_image_model(context, prompt)
        output = Output(
            data={
                "at_seconds": at,
                "prompt": prompt,
                "image": f"{own}.png",
                "width": width,
                "height": HEIGHT,
            },
            intent="Show what the camera sees at this moment.",
            rationale="Drawn from the size, subject and description of the shot.",
            confidence=0.3,
            files=(context.attach(f"{own}.png", image),),
        )
        context.emit("frame", own, output)
    turn_knobs({"seconds": 0, "cost_usd": 0, **params}, context)
    return ModuleResult(outputs={})
