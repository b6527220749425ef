"""Publishing many versions of different artifacts in one go: none in the way of another, and all for the price of one.

They are sealed, brought to the disk by one barrier, renamed, and registered in one write transaction, as one alone is
(`single.py`): each rename is atomic by itself, so no intent has to be declared. A process that dies in between leaves
versions that the index does not know: whoever opens the store next finds them by their owner's list.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path

from cineforge.model.errors import CineForgeError
from cineforge.model.refs import ArtifactRef
from cineforge.store.disk import durable
from cineforge.store.disk.barrier import Barrier
from cineforge.store.index.database import Index
from cineforge.store.index.tables.records import Record
from cineforge.store.publishing.heads_seen import require_head
from cineforge.store.publishing.holds import HeldMeanwhile, require_unheld
from cineforge.store.publishing.registration import IndexedVersions, register, take_numbers
from cineforge.store.publishing.renames import bring_to_disk, move_into_place, sync_names
from cineforge.store.publishing.sealing import BatchSealer, Intent, Publication
from cineforge.store.publishing.single import index_state, still_fits
from cineforge.store.versions.current_links import LinkNotMade

#: What became of one publication: its version, or why there is none.
Outcome = ArtifactRef | CineForgeError


class GroupCommit:
    """Publications on their way, each of another artifact and under the number that was reserved for it.

    Its transaction, done again on an index made anew, renames nothing twice.
    """

    def __init__(
        self, project: Path, publications: Sequence[Publication], *, unless_held: bool = False
    ) -> None:
        self._project = project
        self._publications = publications
        self._unless_held = unless_held
        self._intents: dict[int, Intent] = {}
        self._refused: dict[int, CineForgeError] = {}
        self._sealed_at: tuple[object, ...] | None = None
        #: Those that were renamed: from here on they count as published, whatever happens.
        self.placed: dict[int, ArtifactRef] = {}
        self.links_not_made: list[LinkNotMade] = []

    def publish(self, index: Index, barrier: Barrier | None) -> list[Outcome]:
        """What became of each, in order. Raises StoreDamaged, CannotWrite, and OSError as the disk does."""
        index.read(self._seal)
        bring_to_disk(self._intents.values(), barrier)
        index.write(lambda db: self._finish(db, barrier))
        outcomes = self._refused | self.placed
        return [outcomes[place] for place in range(len(self._publications))]

    def _seal(self, db: sqlite3.Connection) -> None:
        self._intents.clear()
        self._refused.clear()
        sealer = BatchSealer(IndexedVersions(db, self._project), self._project)
        for place, publication in enumerate(self._publications):
            try:
                self._intents[place] = sealer.add(publication)
            except CineForgeError as error:
                self._refused[place] = error
        self._sealed_at = index_state(db)

    def _finish(self, db: sqlite3.Connection, barrier: Barrier | None) -> None:
        as_sealed = index_state(db) == self._sealed_at
        waiting = [place for place in self._intents if place not in self.placed]
        for place in self._unheld(db, waiting):
            try:
                self._place(db, place, as_sealed=as_sealed)
            except durable.CannotWrite:
                raise
            except CineForgeError as error:
                self._refused[place] = error
        placed = [self._intents[place] for place in sorted(self.placed)]
        if placed:
            sync_names(self._project, placed, barrier, above=True)
            latest = max((each.metadata for each in placed), key=lambda each: each.created_at)
            take_numbers(db, self.placed.values(), latest)
            records = [Record(each.metadata, each.payload) for each in placed]
            self.links_not_made = register(db, self._project, records)

    def _unheld(self, db: sqlite3.Connection, places: Iterable[int]) -> list[int]:
        """Those of them that replace nothing that somebody holds by now."""
        refs = {place: self._intents[place].ref for place in places}
        if self._unless_held:
            try:
                require_unheld(db, list(refs.values()))
            except HeldMeanwhile as error:
                held = {head.key: head for head in error.heads}
                for place, ref in refs.items():
                    if ref.key in held:
                        self._refused[place] = HeldMeanwhile([held[ref.key]])
        return [place for place in refs if place not in self._refused]

    def _place(self, db: sqlite3.Connection, place: int, *, as_sealed: bool) -> None:
        """Rename one. Raises VersionExists, HeadMoved, StoreDamaged, InvalidPayload, OSError."""
        publication, intent = self._publications[place], self._intents[place]
        if not as_sealed and not still_fits(db, self._project, publication, intent.metadata):
            sealer = BatchSealer(IndexedVersions(db, self._project), self._project)
            intent = self._intents[place] = sealer.add(publication)
            bring_to_disk([intent], None)
        require_head(db, intent.ref.key, publication.only_after)
        move_into_place(self._project, intent)
        self.placed[place] = intent.ref
