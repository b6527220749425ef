"""CineForge: Snakemake with a memory. What programs and modules use is importable from here."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cineforge.model.canonical import digest_json
    from cineforge.model.errors import (
        CineForgeError,
        ModuleFailed,
        Problem,
        ProblemsFound,
        nearest,
        suggestion,
    )
    from cineforge.model.health import ArtifactHealth, AssessedBy, Assessment, Verdict
    from cineforge.model.metadata import ArtifactMetadata, CostRecord, Parent, Provenance, Source
    from cineforge.model.module_result import ModuleResult, Output
    from cineforge.model.refs import ArtifactKey, ArtifactRef, parse_ref
    from cineforge.model.upgrades import upgrade
    from cineforge.project import Project
    from cineforge.recipes.json_schema.schema_check import SchemaError, schema_errors
    from cineforge.recipes.reading.yaml_source import YamlDocument, load_yaml
    from cineforge.running.matching import MatchItem, match_ids
    from cineforge.running.workers.module_context.context import ModuleContext
    from cineforge.running.workers.module_context.module_inputs import (
        Inputs,
        ModuleInput,
        Params,
        ProjectValues,
    )
    from cineforge.store import ArtifactStore, Publication, stage_payload

__version__ = "0.1.0"

_HOMES = {
    "ArtifactHealth": "cineforge.model.health",
    "ArtifactKey": "cineforge.model.refs",
    "ArtifactMetadata": "cineforge.model.metadata",
    "ArtifactRef": "cineforge.model.refs",
    "ArtifactStore": "cineforge.store",
    "AssessedBy": "cineforge.model.health",
    "Assessment": "cineforge.model.health",
    "CineForgeError": "cineforge.model.errors",
    "CostRecord": "cineforge.model.metadata",
    "Inputs": "cineforge.running.workers.module_context.module_inputs",
    "MatchItem": "cineforge.running.matching",
    "ModuleContext": "cineforge.running.workers.module_context.context",
    "ModuleFailed": "cineforge.model.errors",
    "ModuleInput": "cineforge.running.workers.module_context.module_inputs",
    "ModuleResult": "cineforge.model.module_result",
    "Output": "cineforge.model.module_result",
    "Params": "cineforge.running.workers.module_context.module_inputs",
    "Parent": "cineforge.model.metadata",
    "Problem": "cineforge.model.errors",
    "ProblemsFound": "cineforge.model.errors",
    "Project": "cineforge.project",
    "ProjectValues": "cineforge.running.workers.module_context.module_inputs",
    "Provenance": "cineforge.model.metadata",
    "Publication": "cineforge.store",
    "SchemaError": "cineforge.recipes.json_schema.schema_check",
    "Source": "cineforge.model.metadata",
    "Verdict": "cineforge.model.health",
    "YamlDocument": "cineforge.recipes.reading.yaml_source",
    "digest_json": "cineforge.model.canonical",
    "load_yaml": "cineforge.recipes.reading.yaml_source",
    "match_ids": "cineforge.running.matching",
    "nearest": "cineforge.model.errors",
    "parse_ref": "cineforge.model.refs",
    "schema_errors": "cineforge.recipes.json_schema.schema_check",
    "stage_payload": "cineforge.store",
    "suggestion": "cineforge.model.errors",
    "upgrade": "cineforge.model.upgrades",
}

__all__ = [
    "ArtifactHealth",
    "ArtifactKey",
    "ArtifactMetadata",
    "ArtifactRef",
    "ArtifactStore",
    "AssessedBy",
    "Assessment",
    "CineForgeError",
    "CostRecord",
    "Inputs",
    "MatchItem",
    "ModuleContext",
    "ModuleFailed",
    "ModuleInput",
    "ModuleResult",
    "Output",
    "Params",
    "Parent",
    "Problem",
    "ProblemsFound",
    "Project",
    "ProjectValues",
    "Provenance",
    "Publication",
    "SchemaError",
    "Source",
    "Verdict",
    "YamlDocument",
    "__version__",
    "digest_json",
    "load_yaml",
    "match_ids",
    "nearest",
    "parse_ref",
    "schema_errors",
    "stage_payload",
    "suggestion",
    "upgrade",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that every command starts fast."""
    try:
        home = _HOMES[name]
    except KeyError:
        raise AttributeError(f"module 'cineforge' has no attribute '{name}'") from None
    return getattr(importlib.import_module(home), name)
