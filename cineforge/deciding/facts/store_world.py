"""The planner's view of a real store and a real project folder."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from cineforge.deciding.certain_changes import Past
from cineforge.deciding.facts.adoption import adoptable
from cineforge.deciding.facts.edits import content_before_edits
from cineforge.deciding.facts.past import past_of
from cineforge.deciding.facts.source_files import SourceFiles
from cineforge.deciding.facts.world import HeadState, Standing
from cineforge.deciding.refined import standing_of
from cineforge.model.errors import StoreDamaged
from cineforge.model.health import ArtifactHealth, Assessment, Verdict
from cineforge.model.names import COLLECTION_SUFFIX, collection_type, is_collection
from cineforge.model.own_payloads.collection import Collection
from cineforge.model.refs import ArtifactKey, ArtifactRef, known_ref
from cineforge.recipes.load import recipes_making
from cineforge.recipes.resolved import ResolvedStage
from cineforge.store import ArtifactStore, HeadRow
from cineforge.store.layout import payload_size
from cineforge.store.versions.approved import is_approved


class StoreWorld:
    """Heads are read in one go at first use, and again by `published` and `look`; the rest is read when asked for.

    `search_folders` are where a source file's relative path is looked up, in order: the project first.
    """

    def __init__(self, store: ArtifactStore, search_folders: Iterable[Path]) -> None:
        self._store = store
        self.sources = SourceFiles(search_folders)
        self._heads: dict[ArtifactKey, HeadRow] | None = None
        self._collections: dict[ArtifactRef, Collection | None] = {}
        self._pasts: dict[ArtifactRef, Past | None] = {}
        #: As of the last look: others may approve something at any time, and take it back.
        self._approved: dict[ArtifactRef, bool] = {}
        self._others: object = None
        #: When heads were first read, and last read all at once: what the index said of its changes.
        self._others_at_first: object = None
        self._read_at: object = None
        #: Which heads are as they are now; None when all are.
        self._known_now: set[ArtifactKey] | None = None
        #: As of the last look.
        self._to_revise: tuple[ArtifactKey, ...] | None = None
        self._numbers: dict[str, dict[str | None, int]] = {}

    def published(self, keys: Iterable[ArtifactKey]) -> None:
        """Read these heads anew, and of what collections among them name those that nobody knew: people made them."""
        if self._heads is None:
            return
        wanted = set(keys)
        before = {key: self._heads.get(key) for key in wanted if is_collection(key.artifact_type)}
        collections = self._store.heads_of(before)
        names_others = False
        for key, row in before.items():
            now = collections.get(key)
            if now is not None and (row is None or row.ref != now.ref):
                named = self._store.named_by(now.ref)
                is_same = row is not None and named == self._store.named_by(row.ref)
                if is_same:
                    named -= self._heads.keys()
                wanted |= named - wanted
                names_others |= row is not None and not is_same
        self._heads.update(collections)
        # Each once: a fan-out may have published all that its collection names.
        self._heads.update(self._store.heads_of(wanted - before.keys()))
        if self._known_now is not None:
            self._known_now |= wanted
        elif names_others:
            # What has vanished by that, or is back, are also heads that nobody published.
            self._known_now = wanted

    def look(self) -> None:
        """See what others have done since: from here on each head, when it is asked for, is as it is now.

        So a person who puts or holds something during a run is enabled from the next decision on.
        """
        others = self._store.changes_by_others()
        if self._heads is not None and others != self._others:
            self._others = others
            self._known_now = set()
            self._approved.clear()
            self._to_revise = None

    def look_again(self) -> bool:
        """Read all heads anew; True when there are others than before."""
        if self._heads is not None and self._store.changes() == self._read_at:
            return False
        before, self._heads = self._heads, None
        self._approved.clear()
        self._to_revise = None
        return self._rows(before) != before

    @property
    def others_have_changed(self) -> bool:
        """Whether anybody else has written to the index since heads were first read."""
        at_first = self._others_at_first
        return at_first is not None and self._store.changes_by_others() != at_first

    def only_we_changed(self) -> bool:
        """Whether all heads are what this run knows, and nobody else has changed any since they were first read."""
        known = self._heads
        self.look_again()
        if known is None or self._others != self._others_at_first:
            return False
        now = self._rows()
        return known.keys() == now.keys() and all(
            _but_for_health(row) == _but_for_health(now[key]) for key, row in known.items()
        )

    def head(self, key: ArtifactKey) -> HeadState | None:
        row = self._row(key)
        if row is None:
            return None
        # The folders are the truth: one that is gone is said at once.
        self._store.require_folder(row.ref)
        return HeadState(
            row.ref,
            row.content,
            row.fingerprint,
            row.held,
            row.health is ArtifactHealth.NEEDS_REVISION,
            row.vanished,
            row.refined,
        )

    def head_ref(self, key: ArtifactKey) -> ArtifactRef | None:
        artifact_type, entity = key
        found = self._numbers.get(artifact_type)
        if found is None:
            found = self._numbers[artifact_type] = self._store.head_numbers(artifact_type)
        number = found.get(entity)
        return None if number is None else known_ref(artifact_type, entity, number)

    @property
    def ahead(self) -> tuple[ArtifactKey, ...]:
        return ()

    def chain(self, head: HeadState) -> tuple[Standing, ...]:
        found = []
        ref: ArtifactRef | None = head.ref
        while ref is not None:
            record = self._store.metadata(ref)
            found.append(standing_of(record, head))
            ref = record.refined_from
        return tuple(found)

    def latest_by(self, key: ArtifactKey, stage: str) -> Standing | None:
        head = self.head(key)
        for ref in reversed(self._store.list_versions(*key) if head else ()):
            record = self._store.metadata(ref)
            if head and record.fingerprint is not None and record.fingerprint.stage == stage:
                return standing_of(record, head)
        return None

    def is_approved(self, ref: ArtifactRef) -> bool:
        if ref not in self._approved:
            store = self._store
            self._approved[ref] = is_approved(
                ref, self._verdict, store.metadata, store.list_versions
            )
        return self._approved[ref]

    def _verdict(self, ref: ArtifactRef) -> Verdict | None:
        word = self._said_of(ref)
        return None if word is None else word.verdict

    def _said_of(self, ref: ArtifactRef) -> Assessment | None:
        """What was last said of a version; nothing where the record is not what was said: `verify` names it."""
        with suppress(StoreDamaged):
            return self._store.assessment(ref)
        return None

    def refined_from(self, ref: ArtifactRef) -> ArtifactRef | None:
        return self._store.metadata(ref).refined_from

    def past(self, ref: ArtifactRef) -> Past | None:
        if ref not in self._pasts:
            self._pasts[ref] = past_of(self._store.metadata, ref)
        return self._pasts[ref]

    def examined(self, ref: ArtifactRef) -> Mapping[ArtifactKey, str]:
        assessment = self._said_of(ref)
        if assessment is None or assessment.verdict is not Verdict.CONFIRMED:
            return {}
        return {seen.key: self._store.metadata(seen).content for seen in assessment.examined}

    def collection(self, key: ArtifactKey) -> Collection | None:
        head = self._row(key)
        if head is None:
            return None
        if head.ref not in self._collections:
            self._collections[head.ref] = self._store.collection(key)
        return self._collections[head.ref]

    def members_of_type(self, member_type: str) -> list[str]:
        keys = [key for key in self._rows() if key.artifact_type == member_type]
        if self._known_now is not None:
            self.published([key for key in keys if key not in self._known_now])
        rows = self._rows()
        return [key.entity_id for key in keys if key.entity_id and not rows[key].vanished]

    def collections(self, stage: str) -> list[ArtifactKey]:
        wanted = collection_type(stage)
        return [
            key
            for key, row in self._rows().items()
            if key.artifact_type == wanted and not row.vanished
        ]

    def revisions_asked(self) -> tuple[ArtifactKey, ...]:
        if self._to_revise is None:
            asked = self._store.heads_of([ref.key for ref in self._store.to_revise()])
            self._to_revise = tuple(key for key, row in asked.items() if not row.held)
        return self._to_revise

    def naming_stage(self, member_type: str) -> str | None:
        for key in self._rows():
            if is_collection(key.artifact_type):
                collection = self.collection(key)
                if collection is not None and member_type in collection.members:
                    return key.artifact_type.removesuffix(COLLECTION_SUFFIX)
        return None

    def recipes_making(self, artifact_type: str) -> list[str]:
        return recipes_making(artifact_type, self._store.project)

    def data(self, ref: ArtifactRef) -> Any:
        return self._store.checked_data(ref)

    def payload_size(self, ref: ArtifactRef) -> int | None:
        return payload_size(self._store.folder(ref))

    def adoptable(
        self, stage: ResolvedStage, entity: str | None, fingerprint: str
    ) -> tuple[ArtifactRef, ...]:
        return adoptable(self._store, stage, entity, fingerprint)

    def content(self, ref: ArtifactRef) -> str:
        return self._store.metadata(ref).content

    def schema_version(self, ref: ArtifactRef) -> str | None:
        return self._store.metadata(ref).schema_version

    def edited_from(self, ref: ArtifactRef) -> str | None:
        return content_before_edits(self._store.metadata, ref)

    def was_made_before(self, key: ArtifactKey) -> bool:
        head = self._row(key)
        # Holes are rare, so the first version is told without asking.
        return (
            head is not None and head.ref.version > 1 and len(self._store.list_versions(*key)) > 1
        )

    def unfit(self) -> list[ArtifactKey]:
        """The artifacts whose heads are stale or need revision; what has vanished is left out."""
        unfit = (ArtifactHealth.STALE, ArtifactHealth.NEEDS_REVISION)
        return [
            key for key, row in self._rows().items() if row.health in unfit and not row.vanished
        ]

    def has_source(self, path: str) -> bool:
        return self.sources.has(path)

    def source_digest(self, path: str) -> str:
        return self.sources.digest(path)

    def _row(self, key: ArtifactKey) -> HeadRow | None:
        rows = self._rows()
        if self._known_now is not None and key not in self._known_now:
            self.published([key])
        return rows.get(key)

    def _rows(
        self, before: Mapping[ArtifactKey, HeadRow] | None = None
    ) -> dict[ArtifactKey, HeadRow]:
        if self._heads is None:
            # Asked for first: what is done in between is looked at once more than need be.
            self._read_at = self._store.changes()
            self._others, self._known_now = self._store.changes_by_others(), None
            if self._others_at_first is None:
                self._others_at_first = self._others
            self._heads = self._store.heads(before)
        return self._heads


def _but_for_health(row: HeadRow) -> tuple[object, ...]:
    """What decisions go by: that a head turned stale or valid again is not."""
    asked = row.health is ArtifactHealth.NEEDS_REVISION
    return row.ref.version, row.content, row.fingerprint, row.held, row.vanished, row.refined, asked
