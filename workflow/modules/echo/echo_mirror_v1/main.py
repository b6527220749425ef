"""Copies the text of the source."""

from __future__ import annotations

from typing import Any

from cineforge.model.module_result import ModuleResult

from .shared.echo_knobs import echo, turn_knobs


def run_module(inputs: Any, params: Any, project_config: Any, context: Any) -> ModuleResult:
    turn_knobs(params, context)
    text = inputs["source"].data["text"]
    return ModuleResult(outputs={"echo_mirror": echo({"text": text}, params)})
