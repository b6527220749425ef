"""From one scene to its shots, and the list that holds their order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cineforge import (
    Inputs,
    MatchItem,
    ModuleContext,
    ModuleResult,
    Output,
    Params,
    ProjectValues,
    digest_json,
    match_ids,
)

from .coverage import shots_of
from .shared.echo_knobs import turn_knobs
from .shared.mock_models import ask_text_model


def run_module(
    inputs: Inputs, params: Params, project_config: ProjectValues, context: ModuleContext
) -> ModuleResult:
    """Shots by id; ids are those of the previous run wherever they match. Raises ModuleFailed if asked to."""
    scene = inputs.one("scene").data
    shots = context.remember("shots", lambda: _ask(scene, context))
    turn_knobs({"seconds": 0, "cost_usd": 0, **params}, context)
    ids = _shot_ids(shots, context)
    return ModuleResult(
        outputs={
            "shot": {
                own: Output(
                    data=shot,
                    intent="Show one thing that happens, or one person who speaks.",
                    rationale="A wide shot opens the scene; actions are medium shots, speeches close ones.",
                    alternatives_considered=("one long take of the whole scene",),
                    confidence=0.6,
                )
                for own, shot in zip(ids, shots, strict=True)
            },
            "shot_list": Output(
                data={"shots": [f"{context.entity_id}.{own}" for own in ids]},
                intent="Keep the order out of the shots themselves.",
                rationale="As the scene tells it.",
            ),
        }
    )


def _ask(scene: Mapping[str, Any], context: ModuleContext) -> list[dict[str, Any]]:
    shots = shots_of(scene)
    ask_text_model(
        context,
        prompt=" ".join([scene["heading"], *(beat["text"] for beat in scene["beats"])]),
        answer=" ".join(shot["description"] for shot in shots),
    )
    return shots


def _shot_ids(shots: list[dict[str, Any]], context: ModuleContext) -> list[str]:
    previous: Mapping[str, Any] = context.previous("shot")
    order: dict[str, int] = {}
    for listed in context.previous("shot_list").values():
        order = {name.rpartition(".")[2]: place for place, name in enumerate(listed["shots"])}
    # Of several shots alike, the first is taken for the first: so they must come in the order they had.
    in_order = sorted(previous, key=lambda own: (order.get(own, len(order)), own))
    return match_ids(
        {own: _item(previous[own]) for own in in_order},
        [_item(shot) for shot in shots],
        used=context.used_ids("shot"),
        prefix="shot_",
        vanished=lambda: {own: _item(payload) for own, payload in context.vanished("shot").items()},
    )


def _item(shot: Mapping[str, Any]) -> MatchItem:
    heading = f"{shot['size']} {shot['subject']}"
    return MatchItem(content=digest_json(shot), heading=heading, text=shot["description"])
