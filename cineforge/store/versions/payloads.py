"""The payloads that the store itself reads: collections, assessments, holds, the project's configuration."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from cineforge.model.errors import InvalidPayload, StoreDamaged
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
from cineforge.model.refs import ArtifactKey
from cineforge.store.disk.safe_files import read_regular
from cineforge.store.layout import DATA_FILE

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
    """The payload in a version's folder when its type is one of the store's own, else None.

    Raises InvalidPayload when it does not fit its model, StoreDamaged when it cannot be read.
    """
    model = Collection if is_collection(key.artifact_type) else _MODELS.get(key.artifact_type)
    if model is None:
        return None
    try:
        payload = model.model_validate_json(read_regular(folder / DATA_FILE))
    except ValidationError as error:
        raise InvalidPayload(
            f"the payload of {key} is not a valid {model.__name__}: {error}"
        ) from error
    except OSError as error:
        raise StoreDamaged(f"{folder / DATA_FILE} cannot be read: {error.strerror}") from error
    if isinstance(payload, Collection) and payload.parent != key.entity_id:
        raise InvalidPayload(
            f"the collection {key} says that its parent is {payload.parent!r}: "
            "it must be the entity of the artifact itself"
        )
    return payload
