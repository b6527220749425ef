"""Publishing one version: sealed and brought to the disk first, then renamed and registered in one write transaction.

One rename is atomic by itself, so no intent has to be declared before it. A process that dies after the rename leaves
a version that the index does not know: whoever opens the store next finds it by its owner's list.

While the transaction lasts nobody else can write. So only one wait for the disk is in it: for the new name, which must
be there before the index knows of it.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from cineforge.model.errors import VersionExists
from cineforge.model.metadata import ArtifactMetadata
from cineforge.model.refs import ArtifactRef
from cineforge.store import layout
from cineforge.store.disk import durable
from cineforge.store.index.database import Index
from cineforge.store.index.tables import clock, numbers
from cineforge.store.index.tables.columns import to_microseconds
from cineforge.store.index.tables.records import Record, is_by_hand
from cineforge.store.publishing.heads_seen import require_head
from cineforge.store.publishing.holds import require_unheld
from cineforge.store.publishing.registration import IndexedVersions, register, seal, take_numbers
from cineforge.store.publishing.renames import move_into_place, sync_names
from cineforge.store.publishing.sealing import Intent, Publication
from cineforge.store.versions.current_links import LinkNotMade
from cineforge.store.versions.payloads import is_read_by_store


class SinglePublication:
    """One publication on its way. Its transaction, done again on an index made anew, renames nothing twice."""

    def __init__(
        self, project: Path, publication: Publication, *, unless_held: bool = False
    ) -> None:
        self._project = project
        self._unless_held = unless_held
        self._publication = publication
        self._intent: Intent | None = None
        self._sealed_at: tuple[object, ...] | None = None
        self.links_not_made: list[LinkNotMade] = []

    @property
    def placed(self) -> ArtifactRef | None:
        """The version, once it was renamed: from here on it counts as published, whatever happens."""
        if self._intent is None or self._intent.folder.exists():
            return None
        ref = self._intent.metadata.ref
        return ref if layout.version_dir(self._project, ref).is_dir() else None

    def publish(self, index: Index) -> ArtifactRef:
        """Raises VersionExists, NotFound, InvalidPayload, StoreDamaged, CannotWrite, and OSError as the disk does.

        With `unless_held`, HeldMeanwhile for what people hold by then; HeadMoved for another head than was seen.
        """
        self._bring_to_disk(index.read(self._seal))
        return index.write(self._finish)

    def _seal(self, db: sqlite3.Connection) -> Intent:
        (intent,) = seal(db, self._project, [self._publication])
        self._sealed_at = index_state(db)
        return intent

    def _bring_to_disk(self, intent: Intent) -> Intent:
        durable.write_bytes(intent.folder / layout.META_FILE, intent.meta, sync=True)
        durable.sync_file(intent.folder / layout.DATA_FILE)
        durable.sync_file(intent.folder)
        self._intent = intent
        return intent

    def _finish(self, db: sqlite3.Connection) -> ArtifactRef:
        intent = self._intent if self._intent and self.placed else self._place(db)
        sync_names(self._project, [intent], above=self._publication.staged.in_batch)
        take_numbers(db, [intent.metadata.ref], intent.metadata)
        self.links_not_made = register(db, self._project, [Record(intent.metadata, intent.payload)])
        return intent.metadata.ref

    def _place(self, db: sqlite3.Connection) -> Intent:
        while True:
            intent = self._intent
            if intent is None or not self._fits(db, intent):
                intent = self._bring_to_disk(self._seal(db))
            require_head(db, intent.metadata.ref.key, self._publication.only_after)
            if self._unless_held:
                require_unheld(db, [intent.metadata.ref])
            try:
                move_into_place(self._project, intent)
            except VersionExists:
                # By one who has the index that was here before this one, or none. Any free number will do.
                if self._publication.version is not None:
                    raise
                self._sealed_at = None
            else:
                return intent

    def _fits(self, db: sqlite3.Connection, intent: Intent) -> bool:
        return index_state(db) == self._sealed_at or still_fits(
            db, self._project, self._publication, intent.metadata
        )


def still_fits(
    db: sqlite3.Connection, project: Path, publication: Publication, sealed: ArtifactMetadata
) -> bool:
    """Whether it would be sealed so now, after what others have saved since."""
    ref = sealed.ref
    # Of judgements the latest counts, and a person's version is held unless a release is later.
    by_time = is_read_by_store(ref.key) or is_by_hand(sealed)
    if by_time and to_microseconds(sealed.created_at) <= clock.latest(db):
        return False
    if publication.version is None:
        is_free = numbers.next_number(db, project, ref.key) == ref.version
    else:
        is_free = not numbers.is_published(db, ref.key, ref.version)
    earlier = IndexedVersions(db, project).earlier(ref, sealed.content) or None
    return is_free and earlier == sealed.reproduces


def index_state(db: sqlite3.Connection) -> tuple[object, ...]:
    """What is another on another index, and after every change, by other connections or by this one."""
    (by_others,) = db.execute("PRAGMA data_version").fetchone()
    return db, by_others, db.total_changes
