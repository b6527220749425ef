"""CineForge: Snakemake with a memory. What programs and modules use is importable from here."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cineforge.model.errors import CineForgeError, ModuleFailed
    from cineforge.model.health import ArtifactHealth, Assessment
    from cineforge.model.metadata import ArtifactMetadata, CostRecord, Parent, Provenance, Source
    from cineforge.model.module_result import ModuleResult, Output
    from cineforge.model.refs import ArtifactKey, ArtifactRef, parse_ref
    from cineforge.project import Project
    from cineforge.store import ArtifactStore

__version__ = "0.1.0"

_HOMES = {
    "ArtifactHealth": "cineforge.model.health",
    "ArtifactKey": "cineforge.model.refs",
    "ArtifactMetadata": "cineforge.model.metadata",
    "ArtifactRef": "cineforge.model.refs",
    "ArtifactStore": "cineforge.store",
    "Assessment": "cineforge.model.health",
    "CineForgeError": "cineforge.model.errors",
    "CostRecord": "cineforge.model.metadata",
    "ModuleFailed": "cineforge.model.errors",
    "ModuleResult": "cineforge.model.module_result",
    "Output": "cineforge.model.module_result",
    "Parent": "cineforge.model.metadata",
    "Project": "cineforge.project",
    "Provenance": "cineforge.model.metadata",
    "Source": "cineforge.model.metadata",
    "parse_ref": "cineforge.model.refs",
}

__all__ = [
    "ArtifactHealth",
    "ArtifactKey",
    "ArtifactMetadata",
    "ArtifactRef",
    "ArtifactStore",
    "Assessment",
    "CineForgeError",
    "CostRecord",
    "ModuleFailed",
    "ModuleResult",
    "Output",
    "Parent",
    "Project",
    "Provenance",
    "Source",
    "__version__",
    "parse_ref",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that every command starts fast."""
    try:
        home = _HOMES[name]
    except KeyError:
        raise AttributeError(f"module 'cineforge' has no attribute '{name}'") from None
    return getattr(importlib.import_module(home), name)
