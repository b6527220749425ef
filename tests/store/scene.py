"""One scene, saved over and over."""

from __future__ import annotations

from cineforge.model.metadata import Provenance, Source
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.store import ArtifactStore
from cineforge.store.questions import StoreQuestions

BY_HAND = Provenance(intent="first draft", source=Source.HUMAN)
SCENE = ArtifactKey("scene", "scene_7")


def save(store: ArtifactStore, text: str = "INT. DINER", **files: bytes) -> ArtifactRef:
    return store.save_artifact("scene", "scene_7", {"text": text}, BY_HAND, files=files)


def head_of(store: StoreQuestions, key: ArtifactKey = SCENE) -> ArtifactRef:
    """The head of an artifact that has one."""
    head = store.head(key)
    assert head is not None, f"{key} has no version"
    return head
