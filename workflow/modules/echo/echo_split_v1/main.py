"""Splits the source into its items, and the groups that their tags make."""

from __future__ import annotations

from cineforge import Inputs, ModuleContext, ModuleResult, Params, ProjectValues

from .shared.echo_knobs import echo, turn_knobs


def run_module(
    inputs: Inputs, params: Params, project_config: ProjectValues, context: ModuleContext
) -> ModuleResult:
    turn_knobs(params, context)
    items = {}
    groups: dict[str, list[str]] = {}
    for item in inputs.one("source").data["items"]:
        words = item["text"].split()
        tags = sorted({word[1:] for word in words if word.startswith("#")})
        text = " ".join(word for word in words if not word.startswith("#"))
        items[item["id"]] = echo({"text": text, "tags": tags}, params)
        for tag in tags:
            groups.setdefault(tag, []).append(item["id"])
    members = {tag: echo({"items": sorted(ids)}, params) for tag, ids in groups.items()}
    return ModuleResult(outputs={"echo_item": items, "echo_group": members})
