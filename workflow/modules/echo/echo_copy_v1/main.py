"""Copies the text of one item, and attaches it as a file if asked to."""

from __future__ import annotations

from typing import Any

from cineforge.model.module_result import ModuleResult

from .shared.echo_knobs import echo, turn_knobs


def run_module(inputs: Any, params: Any, project_config: Any, context: Any) -> ModuleResult:
    turn_knobs(params, context)
    output = echo({"text": inputs["item"].data["text"]}, params)
    if params["attach"]:
        name = context.attach("copy.txt", output.data["text"].encode())
        output = output.model_copy(update={"files": (name,)})
    return ModuleResult(outputs={"echo_copy": output})
