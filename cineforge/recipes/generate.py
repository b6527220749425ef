"""The JSON Schemas that mirror models: `python -m cineforge.recipes.generate` writes them; a test fails on drift."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import BaseModel

from cineforge.model.health import (
    ASSESSMENT_TYPE,
    HOLD_TYPE,
    PROJECT_CONFIG_TYPE,
    Assessment,
    Hold,
)
from cineforge.model.metadata import ArtifactMetadata
from cineforge.model.own_payloads.collection import Collection
from cineforge.model.own_payloads.project_config import ProjectConfig
from cineforge.model.records.artifact_graph import ArtifactGraph
from cineforge.model.records.decision_record import DecisionRecord
from cineforge.model.records.plan_file import PlanFile
from cineforge.model.records.plan_report import PlanReport
from cineforge.model.records.run_events import PipelineEvent
from cineforge.model.records.run_plan import RunPlan
from cineforge.model.records.run_state import RunState
from cineforge.model.records.run_summary import RunSummary
from cineforge.recipes.modules.manifest import ModuleFile
from cineforge.recipes.recipe import RecipeFile
from cineforge.recipes.schema_registry import SUFFIX
from cineforge.recipes.share import share_root

#: By file name below `schemas/`, without the suffix. Those of artifact types lie where the registry looks.
MIRRORED: dict[str, type[BaseModel]] = {
    "recipe": RecipeFile,
    "module": ModuleFile,
    "metadata": ArtifactMetadata,
    "collection": Collection,
    "run_state": RunState,
    "run_plan": RunPlan,
    "pipeline_event": PipelineEvent,
    "decision": DecisionRecord,
    "plan_report": PlanReport,
    "plan_file": PlanFile,
    "artifact_graph": ArtifactGraph,
    "run_summary": RunSummary,
    f"artifacts/{ASSESSMENT_TYPE}": Assessment,
    f"artifacts/{HOLD_TYPE}": Hold,
    f"artifacts/{PROJECT_CONFIG_TYPE}": ProjectConfig,
}


def schema_text(model: type[BaseModel]) -> str:
    """The text of a model's schema file."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$comment": "Generated from the model by python -m cineforge.recipes.generate: do not edit.",
        **model.model_json_schema(by_alias=True),
    }
    return json.dumps(schema, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def schema_files(root: Path) -> dict[Path, str]:
    """Every mirrored schema's file below `root`, with the text that it should hold."""
    return {root / f"{name}{SUFFIX}": schema_text(model) for name, model in MIRRORED.items()}


def write_schemas(root: Path) -> list[Path]:
    """Bring the schema files below `root` up to date; returns those that changed."""
    changed = []
    for file, text in schema_files(root).items():
        if not file.is_file() or file.read_text(encoding="utf-8") != text:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
            changed.append(file)
    return changed


if __name__ == "__main__":
    for written in write_schemas(share_root() / "schemas"):
        print(f"wrote {written}")
