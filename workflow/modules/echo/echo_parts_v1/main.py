"""Splits an item into its words."""

from __future__ import annotations

from cineforge import Inputs, ModuleContext, ModuleResult, Params, ProjectValues

from .shared.echo_knobs import echo, turn_knobs


def run_module(
    inputs: Inputs, params: Params, project_config: ProjectValues, context: ModuleContext
) -> ModuleResult:
    turn_knobs(params, context)
    words = inputs.one("item").data["text"].split()
    parts = {f"word_{n}": echo({"text": word}, params) for n, word in enumerate(words, 1)}
    return ModuleResult(outputs={"echo_part": parts})
