"""Copies one word."""

from __future__ import annotations

from cineforge import Inputs, ModuleContext, ModuleResult, Params, ProjectValues

from .shared.echo_knobs import echo, turn_knobs


def run_module(
    inputs: Inputs, params: Params, project_config: ProjectValues, context: ModuleContext
) -> ModuleResult:
    turn_knobs(params, context)
    text = inputs.one("part").data["text"]
    return ModuleResult(outputs={"echo_part_copy": echo({"text": text}, params)})
