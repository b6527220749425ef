"""A story file as one artifact."""

from __future__ import annotations

from cineforge import Inputs, ModuleContext, ModuleResult, Output, Params, ProjectValues


def run_module(
    inputs: Inputs, params: Params, project_config: ProjectValues, context: ModuleContext
) -> ModuleResult:
    text = context.source("source").read_text("utf-8")
    return ModuleResult(outputs={"script": Output(data={"text": text})})
