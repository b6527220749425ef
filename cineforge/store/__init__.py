"""The store: versions on disk, the index derived from them, health."""

from cineforge.store.causes import Cause, CauseKind
from cineforge.store.current import LinkNotMade
from cineforge.store.declaration import Publication
from cineforge.store.detached import DetachedStore, FrozenIndex
from cineforge.store.holds import HeldMeanwhile
from cineforge.store.index.query import HeadRow, HeadThen
from cineforge.store.index.watch import HealthChange
from cineforge.store.staging import (
    StagedPayload,
    content_of,
    digest_of,
    discard_payload,
    stage_payload,
)
from cineforge.store.store import ArtifactStore

__all__ = [
    "ArtifactStore",
    "Cause",
    "CauseKind",
    "DetachedStore",
    "FrozenIndex",
    "HeadRow",
    "HeadThen",
    "HealthChange",
    "HeldMeanwhile",
    "LinkNotMade",
    "Publication",
    "StagedPayload",
    "content_of",
    "digest_of",
    "discard_payload",
    "stage_payload",
]
