"""Copies the text of one item, and attaches it as a file if asked to."""

from __future__ import annotations

from cineforge import Inputs, ModuleContext, ModuleResult, Params, ProjectValues

from .shared.echo_knobs import echo, turn_knobs


def run_module(
    inputs: Inputs, params: Params, project_config: ProjectValues, context: ModuleContext
) -> ModuleResult:
    turn_knobs(params, context)
    output = echo({"text": inputs.one("item").data["text"]}, params)
    if params["attach"]:
        name = context.attach("copy.txt", output.data["text"].encode())
        output = output.model_copy(update={"files": (name,)})
    return ModuleResult(outputs={"echo_copy": output})
