"""What every echo module does when its params ask for it: fail, take time, cost money, say why."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from cineforge import ModuleContext, ModuleFailed, Output, Source


def turn_knobs(params: Mapping[str, Any], context: ModuleContext) -> None:
    """Raises ModuleFailed if `fail` is true or names the entity, or this is one of the first `fail_attempts`."""
    if params["seconds"]:
        time.sleep(params["seconds"])
    if params["cost_usd"]:
        context.record_cost(
            model="echo", input_tokens=1, output_tokens=1, estimated_cost_usd=params["cost_usd"]
        )
    fail = params["fail"]
    if fail is True or (isinstance(fail, list) and context.entity_id in fail):
        raise ModuleFailed(f"{context.stage} was asked to fail: take 'fail' out of its params")
    if context.attempt <= params["fail_attempts"]:
        raise ModuleFailed(f"{context.stage} was asked to fail at attempt {context.attempt}")


def echo(data: Any, params: Mapping[str, Any]) -> Output:
    """The payload, with the `note` as its rationale, if there is one."""
    return Output(
        data=data,
        intent="Repeat what was read.",
        rationale=params["note"] or "Its words are those that came in.",
        source=Source.CODE,
    )


def copies_of(given: Mapping[str, Any]) -> dict[str, Any]:
    """The texts of a gathered input, by id."""
    return {
        "copies": [{"id": entity, "text": given[entity].data["text"]} for entity in sorted(given)]
    }
