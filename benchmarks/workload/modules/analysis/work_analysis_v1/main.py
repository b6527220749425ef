"""How many words a scene has, and which is the longest."""

from __future__ import annotations

from cineforge import Inputs, ModuleContext, ModuleResult, Output, Params, ProjectValues


def run_module(
    inputs: Inputs, params: Params, project_config: ProjectValues, context: ModuleContext
) -> ModuleResult:
    scene = inputs.one("scene").data
    words = [word for line in scene["lines"] for word in line.split()]
    made = {"heading": scene["heading"], "words": len(words), "longest": max(words, key=len)}
    return ModuleResult(outputs={"analysis": Output(data=made)})
