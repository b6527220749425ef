"""The payloads that the store itself reads: collections, assessments, holds, the project's configuration."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from cineforge.model.errors import InvalidPayload
from cineforge.model.health import (
    ASSESSMENT_TYPE,
    HOLD_TYPE,
    PROJECT_CONFIG_TYPE,
    Assessment,
    Hold,
)
from cineforge.model.names import is_collection
from cineforge.model.own_payloads.collection import Collection
from cineforge.model.own_payloads.project_config import ProjectConfig
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.store.disk.safe_files import read_regular
from cineforge.store.layout import DATA_FILE
from cineforge.store.versions.seal import payload_as_sealed, unreadable_file

Known = Collection | Assessment | Hold | ProjectConfig
_MODELS: dict[str, type[Assessment] | type[Hold] | type[ProjectConfig]] = {
    ASSESSMENT_TYPE: Assessment,
    HOLD_TYPE: Hold,
    PROJECT_CONFIG_TYPE: ProjectConfig,
}


def is_read_by_store(key: ArtifactKey) -> bool:
    """Whether the type is one of the store's own."""
    return is_collection(key.artifact_type) or key.artifact_type in _MODELS


def known_payload(key: ArtifactKey, folder: Path) -> Known | None:
    """The payload that was staged in a folder when its type is one of the store's own, else None.

    Raises InvalidPayload when it does not fit its model, StoreDamaged when it cannot be read.
    """
    if not is_read_by_store(key):
        return None
    try:
        raw = read_regular(folder / DATA_FILE)
    except OSError as error:
        raise unreadable_file(folder / DATA_FILE, error) from error
    return _parsed(key, raw)


def published_payload(ref: ArtifactRef, folder: Path) -> Known | None:
    """The same of a version: as it was published, or StoreDamaged is raised."""
    key = ref.key
    return _parsed(key, payload_as_sealed(folder, ref)) if is_read_by_store(key) else None


def _parsed(key: ArtifactKey, raw: bytes) -> Known:
    artifact_type = key.artifact_type
    model = Collection if is_collection(artifact_type) else _MODELS[artifact_type]
    try:
        payload = model.model_validate_json(raw)
    except ValidationError as error:
        raise InvalidPayload(
            f"the payload of {key} is not a valid {model.__name__}: {error}"
        ) from error
    if isinstance(payload, Collection) and payload.parent != key.entity_id:
        raise InvalidPayload(
            f"the collection {key} says that its parent is {payload.parent!r}: "
            "it must be the entity of the artifact itself"
        )
    return payload
