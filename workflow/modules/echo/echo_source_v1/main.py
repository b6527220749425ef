"""Gives a text and a few items out of its own params."""

from __future__ import annotations

from cineforge import Inputs, ModuleContext, ModuleResult, Params, ProjectValues

from .shared.echo_knobs import echo, turn_knobs


def run_module(
    inputs: Inputs, params: Params, project_config: ProjectValues, context: ModuleContext
) -> ModuleResult:
    turn_knobs(params, context)
    items = []
    for entry in params["items"]:
        entity, _, text = entry.partition("=")
        items.append({"id": entity, "text": text or entity})
    return ModuleResult(
        outputs={"echo_source": echo({"text": params["text"], "items": items}, params)}
    )
