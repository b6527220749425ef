"""Publishing one version: numbered, sealed, renamed and registered within one write transaction.

One rename is atomic by itself, so no intent has to be declared before it. A process that dies after the rename leaves
a version that the index does not know: whoever opens the store next finds it by its owner's list.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from cineforge.model.refs import ArtifactRef
from cineforge.store import durable, layout
from cineforge.store.declaration import Intent, Publication
from cineforge.store.ledger import register, seal, use_reservation
from cineforge.store.placing import place, sync_names


class SinglePublication:
    """The work of the transaction. Done again, on an index made anew, it renames nothing twice."""

    def __init__(self, project: Path, publication: Publication) -> None:
        self._project = project
        self._publication = publication
        self._intent: Intent | None = None

    @property
    def placed(self) -> ArtifactRef | None:
        """The version, once it was renamed: from here on it counts as published, whatever happens."""
        if self._intent is None or self._intent.folder.exists():
            return None
        ref = self._intent.metadata.ref
        return ref if layout.version_dir(self._project, ref).is_dir() else None

    def __call__(self, db: sqlite3.Connection) -> ArtifactRef:
        """Raises VersionExists, NotFound, InvalidPayload, StoreDamaged, and OSError as the disk does."""
        intent = self._intent if self._intent and self.placed else self._place(db)
        sync_names(self._project, [intent])
        use_reservation(db, intent.metadata.ref)
        register(db, self._project, [intent])
        return intent.metadata.ref

    def _place(self, db: sqlite3.Connection) -> Intent:
        (intent,) = seal(db, self._project, [self._publication])
        durable.write_bytes(intent.folder / layout.META_FILE, intent.meta, sync=True)
        durable.sync_file(intent.folder / layout.DATA_FILE)
        durable.sync_file(intent.folder)
        self._intent = intent
        place(self._project, intent)
        return intent
