"""A person's version of an artifact: checked like a machine's, linked to what it was made from, never replaced."""

from __future__ import annotations

from typing import Any

from cineforge.model.errors import InvalidPayload, NotFound, suggestion
from cineforge.model.health import RESERVED_TYPES
from cineforge.model.metadata import EDITED_FROM, Parent, Provenance, Source
from cineforge.model.names import is_collection
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.recipes.schemas import SchemaRegistry
from cineforge.store import ArtifactStore, content_of

SHOWN = 8


def save_human_version(
    store: ArtifactStore,
    schemas: SchemaRegistry,
    key: ArtifactKey,
    data: Any,
    *,
    who: str,
    why: str,
    schema: str | None = None,
    edited_from: ArtifactRef | None = None,
) -> ArtifactRef | None:
    """Save what a person made as the next version; None when it is what the head holds already.

    `edited_from` is the version it was made from; without it the head, if there is one. `schema` is the name of
    the payload's schema; without it the type's own. Raises InvalidPayload with every place that does not fit,
    NotFound for a type without a schema.
    """
    _require_ordinary_type(key)
    origin = edited_from or store.head(key)
    name = schema or key.artifact_type
    if name not in schemas.names():
        raise NotFound(f"there is no type '{name}': {suggestion(name, schemas.names())}")
    errors = schemas.validate(name, data)
    if errors:
        more = [f"... and {len(errors) - SHOWN} more"] if len(errors) > SHOWN else []
        lines = "\n  ".join([*(f"{e.path}: {e.message}" for e in errors[:SHOWN]), *more])
        raise InvalidPayload(f"this is no valid {name}:\n  {lines}")
    head = store.head(key)
    if head is not None and edited_from is None and _content(store, head) == content_of(data):
        return None
    said = Provenance(
        lineage=() if origin is None else (Parent(ref=origin, role=EDITED_FROM),),
        intent=f"made by {who}",
        rationale=why,
        source=Source.HUMAN,
        producing_role=who,
    )
    return store.save_artifact(key.artifact_type, key.entity_id, data, said)


def _content(store: ArtifactStore, ref: ArtifactRef) -> str:
    return store.metadata(ref).content


def _require_ordinary_type(key: ArtifactKey) -> None:
    if key.artifact_type in RESERVED_TYPES or is_collection(key.artifact_type):
        raise InvalidPayload(
            f"'{key.artifact_type}' is kept by CineForge itself: edit what it is made from instead"
        )
