"""The store: versions on disk, the index derived from them, health."""

from cineforge.store.detached import DetachedStore, IndexSnapshot
from cineforge.store.index.graph.drawing import Drawing, DrawingRequest
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
    "Publication",
    "StagedPayload",
    "content_of",
    "digest_of",
    "discard_payload",
    "stage_payload",
]
