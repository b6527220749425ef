"""What running a job needs of the store: the project's own, or the detached one of a job on another host."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from pathlib import Path
from typing import Any, Protocol

from cineforge.model.errors import CineForgeError
from cineforge.model.metadata import ArtifactMetadata
from cineforge.model.own_payloads.collection import Collection
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.store import HeadRow, Publication


class RunStore(Protocol):
    """`ArtifactStore` and `DetachedStore` say what each of these does."""

    project: Path

    @property
    def owner(self) -> str: ...

    def folder(self, ref: ArtifactRef) -> Path: ...

    def metadata(self, ref: ArtifactRef) -> ArtifactMetadata: ...

    def checked_data(self, ref: ArtifactRef) -> Any: ...

    def list_versions(
        self, artifact_type: str, entity_id: str | None = None
    ) -> list[ArtifactRef]: ...

    def heads_of(self, keys: Iterable[ArtifactKey]) -> Mapping[ArtifactKey, HeadRow]: ...

    def collection(self, key: ArtifactKey) -> Collection | None: ...

    def used_ids(self, artifact_type: str) -> Set[str]: ...

    def made_by_the_same_work(self, key: ArtifactKey, fingerprint: str) -> list[ArtifactRef]: ...

    def reserve(self, keys: Sequence[ArtifactKey], run_id: str) -> dict[ArtifactKey, int]: ...

    def publish_each(
        self, publications: Sequence[Publication], *, unless_held: bool = False
    ) -> list[ArtifactRef | CineForgeError]: ...

    def publish(
        self, batch: Iterable[Publication], *, unless_held: bool = False
    ) -> tuple[ArtifactRef, ...]: ...
