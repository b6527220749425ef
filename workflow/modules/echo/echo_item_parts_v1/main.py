"""Gathers the copied words of one item."""

from __future__ import annotations

from cineforge import Inputs, ModuleContext, ModuleResult, Params, ProjectValues

from .shared.echo_knobs import copies_of, echo, turn_knobs


def run_module(
    inputs: Inputs, params: Params, project_config: ProjectValues, context: ModuleContext
) -> ModuleResult:
    turn_knobs(params, context)
    return ModuleResult(outputs={"echo_item_parts": echo(copies_of(inputs.many("parts")), params)})
