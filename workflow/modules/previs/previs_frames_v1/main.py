"""From one shot to its frames: a picture at its beginning, and every few seconds after that."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

from cineforge import Inputs, ModuleContext, ModuleResult, Output, Params, ProjectValues

from .picture import HEIGHT, draw, width_for
from .shared.echo_knobs import turn_knobs
from .shared.mock_models import ask_image_model


def run_module(
    inputs: Inputs, params: Params, project_config: ProjectValues, context: ModuleContext
) -> ModuleResult:
    """Raises ModuleFailed when the project's aspect_ratio cannot be read, or if asked to."""
    shot = inputs.one("shot").data
    width = width_for(project_config.get("aspect_ratio", "2.39:1"))
    frames: dict[str, Output] = {}
    for place in range(max(1, math.ceil(shot["seconds"] / params["every_seconds"]))):
        own, at = f"frame_{place + 1}", float(place * params["every_seconds"])
        prompt = f"{shot['size']} shot, {shot['subject']}: {shot['description']}"
        draft = partial(draw, prompt, shot["size"], at / shot["seconds"], width)
        image = context.remember(own, partial(_ask, context, prompt, draft))
        frames[own] = Output(
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
    turn_knobs({"seconds": 0, "cost_usd": 0, **params}, context)
    return ModuleResult(outputs={"frame": frames})


def _ask(context: ModuleContext, prompt: str, draft: Callable[[], bytes]) -> bytes:
    return ask_image_model(context, prompt, draft())
