"""Splits an item into its words."""

from __future__ import annotations

from typing import Any

from cineforge.model.module_result import ModuleResult

from .shared.echo_knobs import echo, turn_knobs


def run_module(inputs: Any, params: Any, project_config: Any, context: Any) -> ModuleResult:
    turn_knobs(params, context)
    words = inputs["item"].data["text"].split()
    parts = {f"word_{n}": echo({"text": word}, params) for n, word in enumerate(words, 1)}
    return ModuleResult(outputs={"echo_part": parts})
