"""The store: versions on disk, the index derived from them, health."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cineforge.store.detached import DetachedStore, IndexSnapshot
    from cineforge.store.index.graph.drawing import Drawing, DrawingRequest
    from cineforge.store.index.graph.past_lineage import PastHead, PastLineage
    from cineforge.store.index.health.causes import Cause, CauseKind
    from cineforge.store.index.queries.health_watch import HealthChange
    from cineforge.store.index.queries.query import HeadRow, HeadThen
    from cineforge.store.publishing.heads_seen import HeadMoved
    from cineforge.store.publishing.holds import HeldMeanwhile
    from cineforge.store.publishing.sealing import Publication
    from cineforge.store.store import ArtifactStore
    from cineforge.store.versions.current_links import LinkNotMade
    from cineforge.store.versions.staging import (
        StagedPayload,
        content_of,
        digest_of,
        discard_payload,
        stage_payload,
    )

#: Looked up when they are asked for: who needs to know where something lies does not open the index.
_HOMES = {
    "ArtifactStore": "store",
    "Cause": "index.health.causes",
    "CauseKind": "index.health.causes",
    "DetachedStore": "detached",
    "Drawing": "index.graph.drawing",
    "DrawingRequest": "index.graph.drawing",
    "HeadMoved": "publishing.heads_seen",
    "HeadRow": "index.queries.query",
    "HeadThen": "index.queries.query",
    "HealthChange": "index.queries.health_watch",
    "HeldMeanwhile": "publishing.holds",
    "IndexSnapshot": "detached",
    "LinkNotMade": "versions.current_links",
    "PastHead": "index.graph.past_lineage",
    "PastLineage": "index.graph.past_lineage",
    "Publication": "publishing.sealing",
    "StagedPayload": "versions.staging",
    "content_of": "versions.staging",
    "digest_of": "versions.staging",
    "discard_payload": "versions.staging",
    "stage_payload": "versions.staging",
}

__all__ = [
    "ArtifactStore",
    "Cause",
    "CauseKind",
    "DetachedStore",
    "Drawing",
    "DrawingRequest",
    "HeadMoved",
    "HeadRow",
    "HeadThen",
    "HealthChange",
    "HeldMeanwhile",
    "IndexSnapshot",
    "LinkNotMade",
    "PastHead",
    "PastLineage",
    "Publication",
    "StagedPayload",
    "content_of",
    "digest_of",
    "discard_payload",
    "stage_payload",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = found
    return found
