"""A story's scenes, one artifact each."""

from __future__ import annotations

from cineforge import Inputs, ModuleContext, ModuleResult, Output, Params, ProjectValues


def run_module(
    inputs: Inputs, params: Params, project_config: ProjectValues, context: ModuleContext
) -> ModuleResult:
    text = inputs.one("script").data["text"]
    scenes = {}
    for number, scene in enumerate(text.strip().split("\n\n"), start=1):
        heading, *lines = scene.split("\n")
        scenes[f"scene_{number}"] = Output(data={"heading": heading, "lines": lines})
    return ModuleResult(outputs={"scene": scenes})
