"""The links to versions that a store makes: tickets, and `current/` for people."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable
from pathlib import Path

from cineforge.model.errors import NotFound
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.store import layout
from cineforge.store.disk.durable import explaining
from cineforge.store.index.queries import query
from cineforge.store.publishing.registration import point_to_heads
from cineforge.store.questions import StoreQuestions
from cineforge.store.versions import links
from cineforge.store.versions.current_links import (
    LinkNotMade,
    in_the_way,
    keep_missing_links,
    missing_links,
    note_missing_link,
    point_current,
    replaced_links,
)


class StoreLinks(StoreQuestions):
    """The part of `ArtifactStore` that makes links. All of them can be made again from the folders."""

    def __init__(self) -> None:
        self._links_lock = threading.Lock()
        self._links_not_made: dict[ArtifactKey, LinkNotMade] = {}

    def ensure_ticket(self, ref: ArtifactRef, number: int | None = None, by: str = "") -> Path:
        """Make sure that the version's ticket is there and right; returns its path.

        With `number`, the ticket of that planned version leads to `ref` instead: a job that ended as kept after all.
        `by` is a stage that refines the artifact, and has tickets of its own.
        """
        layout.require_inside(self.project, self._folder(ref))
        with explaining(self.project):
            return links.point_ticket(self.project, ref, number or ref.version, by)

    def ensure_all_tickets(self) -> None:
        """The same for every version that the index knows."""
        inside = layout.Inside(self.project)
        with explaining(self.project):
            for ref in self._read(query.registered):
                self.require_folder(ref)
                inside.require(os.path.dirname(f"{self.project}/{ref.path}"))  # noqa: PTH120
                links.point_ticket(self.project, ref, ref.version)

    def ensure_current(self, key: ArtifactKey) -> Path:
        """Make sure that `current/<type>/<entity>.json` leads to the head; returns its path. Raises LinkNotMade."""
        ref = self.head(key)
        if ref is None:
            raise NotFound(f"{key} has no version yet: build it first")
        with explaining(self.project):
            return point_current(self.project, key, ref.version)

    def links_not_made(self) -> list[LinkNotMade]:
        """What has stood in the way of `current/` links that this store was to make since the last call."""
        with self._links_lock:
            found, self._links_not_made = self._links_not_made, {}
        return list(found.values())

    def odd_links(self) -> list[LinkNotMade]:
        """What stands in the place of `current/` links now: edits that are in no version, above all."""
        keys = list(replaced_links(self.project))
        current = self.project / layout.CURRENT
        if not current.is_dir() and os.path.lexists(current):
            keys = self.list_artifacts()[:1]
        heads = self.heads_of(keys)
        found = (in_the_way(self.project, key, row.ref.version) for key, row in heads.items())
        return [each for each in found if each is not None]

    def in_place_of_link(self, key: ArtifactKey) -> LinkNotMade | None:
        """What stands in the place of one artifact's `current/` link."""
        ref = self.head(key)
        return None if ref is None else in_the_way(self.project, key, ref.version)

    def repair_links(self, keys: Iterable[ArtifactKey] = ()) -> list[LinkNotMade]:
        """Make these `current/` links, and those that could not be made before; returns what is in the way."""
        wanted = {*keys, *missing_links(self.project), *replaced_links(self.project)}
        known = self.heads_of(wanted)
        troubles = self._read(lambda db: point_to_heads(db, self.project, known))
        keep_missing_links(self.project, [each.key for each in troubles])
        return troubles

    def _note_links(self, troubles: Iterable[LinkNotMade]) -> None:
        for each in troubles:
            note_missing_link(self.project, each.key)
            with self._links_lock:
                self._links_not_made[each.key] = each
