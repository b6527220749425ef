"""All scenes in order, with what their analyses say."""

from __future__ import annotations

from cineforge import Inputs, ModuleContext, ModuleResult, Output, Params, ProjectValues


def run_module(
    inputs: Inputs, params: Params, project_config: ProjectValues, context: ModuleContext
) -> ModuleResult:
    analyses = {name: each.data for name, each in inputs.many("analyses").items()}
    rows = [analyses[name] for name in sorted(analyses, key=lambda name: int(name[6:]))]
    made = {"scenes": rows, "words": sum(row["words"] for row in rows)}
    return ModuleResult(outputs={"board": Output(data=made)})
