"""The planner's view of a store for a question about one artifact: what it costs does not grow with the project."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from cineforge.deciding.facts.store_world import StoreWorld
from cineforge.model.names import collection_type
from cineforge.model.refs import ArtifactKey
from cineforge.store import ArtifactStore, HeadRow

#: When so many heads were asked for one by one, all are read.
ENOUGH = 300


class FewHeads(StoreWorld):
    """Heads are read when they are asked for, not all of them at first use. For one question, at one moment."""

    def __init__(self, store: ArtifactStore, search_folders: Iterable[Path]) -> None:
        super().__init__(store, search_folders)
        self._few: dict[ArtifactKey, HeadRow | None] = {}

    def members_of_type(self, member_type: str) -> list[str]:
        return [key.entity_id for key, _ in self._of_type(member_type) if key.entity_id]

    def collections(self, stage: str) -> list[ArtifactKey]:
        return [key for key, _ in self._of_type(collection_type(stage))]

    def _of_type(self, artifact_type: str) -> Iterator[tuple[ArtifactKey, HeadRow]]:
        """The heads of a type that have not vanished."""
        rows = self._store.heads_of(self._store.list_artifacts(artifact_type))
        return ((key, row) for key, row in rows.items() if not row.vanished)

    def _row(self, key: ArtifactKey) -> HeadRow | None:
        if self._heads is not None or (len(self._few) >= ENOUGH and key not in self._few):
            return super()._row(key)
        if key not in self._few:
            self._few[key] = self._store.heads_of([key]).get(key)
        return self._few[key]
