"""The paths that Snakemake sees: tickets, published payloads, and `current/` links."""

from __future__ import annotations

from pathlib import Path

from cineforge.model.names import NO_ENTITY
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.store import layout


def ticket_path(key: ArtifactKey, version: int, by: str = "") -> str:
    """Where a planned version's ticket will be, relative to the project; `by` a stage that refines."""
    return layout.ticket_name(key, version, by)


def is_ticket(path: str) -> bool:
    """Whether a path that a rule reads is made by a job, and not the payload of a published version."""
    return not path.endswith(f"/{layout.DATA_FILE}")


def payload_path(ref: ArtifactRef) -> str:
    """A published version's payload, relative to the project: no rule makes it."""
    return layout.payload_name(ref)


def current_path(key: ArtifactKey) -> str:
    """The link to an artifact's head, relative to the project."""
    return layout.current_name(key)


def entity_of(wildcard: str | None) -> str | None:
    """The entity id behind a wildcard's value."""
    return None if wildcard in (None, NO_ENTITY) else wildcard


def compiled_path(project: Path, recipe_id: str) -> Path:
    """Where the workflow of a recipe is compiled to."""
    return project / layout.COMPILED / f"{recipe_id}.smk"
