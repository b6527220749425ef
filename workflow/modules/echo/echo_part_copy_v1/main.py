"""Copies one word."""

from __future__ import annotations

from typing import Any

from cineforge.model.module_result import ModuleResult

from .shared.echo_knobs import echo, turn_knobs


def run_module(inputs: Any, params: Any, project_config: Any, context: Any) -> ModuleResult:
    turn_knobs(params, context)
    text = inputs["part"].data["text"]
    return ModuleResult(outputs={"echo_part_copy": echo({"text": text}, params)})
