"""Gives a text and a few items out of its own params."""

from __future__ import annotations

from typing import Any

from cineforge.model.module_result import ModuleResult

from .shared.echo_knobs import echo, turn_knobs


def run_module(inputs: Any, params: Any, project_config: Any, context: Any) -> ModuleResult:
    turn_knobs(params, context)
    items = []
    for entry in params["items"]:
        entity, _, text = entry.partition("=")
        items.append({"id": entity, "text": text or entity})
    return ModuleResult(
        outputs={"echo_source": echo({"text": params["text"], "items": items}, params)}
    )
