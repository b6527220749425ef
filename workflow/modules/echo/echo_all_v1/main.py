"""Gathers the copies of all items."""

from __future__ import annotations

from typing import Any

from cineforge.model.module_result import ModuleResult

from .shared.echo_knobs import copies_of, echo, turn_knobs


def run_module(inputs: Any, params: Any, project_config: Any, context: Any) -> ModuleResult:
    turn_knobs(params, context)
    return ModuleResult(outputs={"echo_all": echo(copies_of(inputs["copies"]), params)})
