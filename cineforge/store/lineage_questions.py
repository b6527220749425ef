"""What can be asked of how versions hang together: lineage, health and its causes, what has vanished."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar

from cineforge.model.health import ArtifactHealth
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.store.index.database import Work
from cineforge.store.index.graph.drawing import Drawing, DrawingRequest, draw
from cineforge.store.index.graph.past_lineage import PastLineage, past_lineage
from cineforge.store.index.health import explain, nearest_changes, upstream
from cineforge.store.index.health.causes import Cause
from cineforge.store.index.queries import dependents, health_watch, judgements, lineage_walk, query
from cineforge.store.index.queries.dependents import MadeForAll
from cineforge.store.index.queries.health_watch import HealthChange
from cineforge.store.index.tables import clock
from cineforge.store.index.tables.columns import to_microseconds

T = TypeVar("T")


class LineageQuestions(ABC):
    """Questions that the index alone answers."""

    @abstractmethod
    def _read(self, work: Work[T]) -> T:
        """Ask the index, made anew if need be."""

    def depends_on(self, ref: ArtifactRef, *, transitive: bool = False) -> list[ArtifactRef]:
        """The exact versions that a version was made from."""
        return self._read(lambda db: lineage_walk.walk(db, ref, lineage_walk.lineage, transitive))

    def superseded(self, refs: Iterable[ArtifactRef]) -> list[tuple[ArtifactRef, ArtifactRef]]:
        """Those of some versions that are no heads, each with the head."""
        return self._read(lambda db: query.superseded(db, refs))

    def dependents(self, ref: ArtifactRef, *, transitive: bool = False) -> list[ArtifactRef]:
        """The exact versions that were made from a version."""
        return self._read(
            lambda db: lineage_walk.walk(db, ref, lineage_walk.dependents, transitive)
        )

    def descendants(
        self, ref: ArtifactRef, depth: int | None = None
    ) -> dict[ArtifactRef, list[ArtifactRef]]:
        """The versions made from a version and from all downstream of it, down to so many steps. Raises NotFound."""
        return self._read(lambda db: lineage_walk.descendants(db, ref, depth))

    def built_on(self, ref: ArtifactRef) -> list[ArtifactRef]:
        """All versions made from a version, directly or not, the nearest first; also of one that is damaged or gone."""
        return self._read(lambda db: lineage_walk.reach(db, ref, lineage_walk.dependents, True))

    def valid_heads_downstream(
        self,
        changing: Iterable[ArtifactKey],
        judged: Iterable[ArtifactKey],
        both: Iterable[MadeForAll] = (),
    ) -> list[ArtifactRef]:
        """The valid heads that stand on what is changing, direct or transitive: what may turn stale with it.

        What is `judged` anew is left out, with what stands on nothing else. A collection stands for its members.
        What is changing and judged `both` is named as a whole, where it is very many.
        """
        return self._read(lambda db: dependents.valid_heads_downstream(db, changing, judged, both))

    def far_ahead(self) -> list[ArtifactRef]:
        """The versions dated far later than this machine's clock, which was wrong then or is now."""
        return self._read(clock.far_ahead)

    def stale(self, limit: int | None = None) -> list[ArtifactRef]:
        """The heads that are stale, or the first so many of them; what has vanished is left out."""
        return self._read(lambda db: query.stale_heads(db, limit))

    def to_revise(self) -> list[ArtifactRef]:
        """The heads of which a revision is asked for; what has vanished is left out."""
        return self._read(judgements.heads_to_revise)

    def confirmed_since(self, moment: datetime) -> list[ArtifactRef]:
        """The versions of which the latest word is that they still hold, said since a moment (with a time zone)."""
        return self._read(lambda db: judgements.confirmed_since(db, to_microseconds(moment)))

    def held(self) -> list[ArtifactRef]:
        """The heads that no machine may replace, records of the store's own included."""
        return self._read(query.held_heads)

    def health_counts(self) -> dict[str, dict[str, int]]:
        """By type: how many heads are in each state of health, or have `vanished`."""
        return self._read(query.health_counts)

    def vanished(self) -> list[ArtifactKey]:
        """What no collection names any more, and what was made for it."""
        return self._read(query.vanished)

    def orphaned(self) -> list[ArtifactKey]:
        """Of what has vanished, what was only made for an entity that no collection names any more."""
        return self._read(lambda db: query.vanished(db, named=False))

    def orphans_of_people(self) -> list[ArtifactRef]:
        """The heads that people made, or hold, of what has vanished or was made for what has."""
        return self._read(query.orphans_of_people)

    def changes_behind(self) -> list[tuple[ArtifactRef, int]]:
        """The heads that make others stale, with how many stand directly on what was there before."""
        return self._read(upstream.changes_behind)

    def first_change(self, ref: ArtifactRef) -> ArtifactRef | None:
        """One upstream change that makes a head stale; `causes` tells all, at a price that grows with them."""
        return self._read(lambda db: upstream.first_change(db, ref))

    def nearest_changes(self) -> dict[ArtifactRef, ArtifactRef | None]:
        """The stale heads, each with the nearest change that makes it so: for all at once."""
        return self._read(nearest_changes.nearest_changes)

    def health(self, ref: ArtifactRef) -> ArtifactHealth:
        return self._read(lambda db: explain.health(db, ref))

    def health_changes(self) -> list[HealthChange]:
        """Which heads' health this store's own writes changed since the last call; the first begins the watch."""
        return self._read(health_watch.changes)

    def causes(self, ref: ArtifactRef) -> list[Cause]:
        """The upstream changes that make a version stale, the nearest first."""
        return self._read(lambda db: explain.causes(db, ref))

    def drawing(self, request: DrawingRequest) -> Drawing:
        """The facts of a picture of the artifacts, all of one moment. Raises NotFound."""
        return self._read(lambda db: draw(db, request))

    def past_lineage(self, moment: datetime) -> PastLineage:
        """The heads as they were at a moment (with a time zone), and what each had been made from."""
        return self._read(lambda db: past_lineage(db, to_microseconds(moment)))
