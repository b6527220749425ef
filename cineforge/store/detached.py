"""The store as a job on another host sees it: versions from the folders, and no index.

SQLite is not safe on a network file system. What only the index knows (heads, ids ever used, numbers reserved) was
saved by the main process when it planned the job; what the job publishes, the main process registers.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cineforge.model.errors import CineForgeError, NotFound, StoreDamaged, VersionExists
from cineforge.model.health import ArtifactHealth, Assessment
from cineforge.model.metadata import ArtifactMetadata
from cineforge.model.own_payloads.collection import Collection
from cineforge.model.refs import ArtifactKey, ArtifactRef, lean_ref
from cineforge.store import layout
from cineforge.store.index.queries.query import HeadRow
from cineforge.store.index.rebuild import versions_on_disk
from cineforge.store.index.tables.records import is_by_hand
from cineforge.store.locking.owners import Owner
from cineforge.store.publishing.holds import (
    LatestHold,
    held_rows,
    latest_assessments,
    latest_holds,
    latest_verdicts,
    refuse_replacing,
)
from cineforge.store.publishing.journal import finish_dead, publish_journalled
from cineforge.store.publishing.sealing import BatchSealer, Publication
from cineforge.store.versions import links
from cineforge.store.versions.approved import is_approved
from cineforge.store.versions.payloads import published_payload
from cineforge.store.versions.seal import payload_as_sealed, read_sealed


@dataclass(frozen=True)
class IndexSnapshot:
    """What the index knew, as far as one job needs it.

    `same_work` are the versions that may stand for work done again, newest first, each with its fingerprint;
    `numbers` the numbers reserved for members, should they get a new version.
    """

    heads: Mapping[ArtifactKey, HeadRow] = field(default_factory=dict)
    used_ids: Mapping[str, frozenset[str]] = field(default_factory=dict)
    same_work: Sequence[tuple[ArtifactRef, str]] = ()
    numbers: Mapping[ArtifactKey, int] = field(default_factory=dict)


class DetachedStore:
    """What a job needs of a store. Nothing here reads or writes the index."""

    def __init__(self, project: Path, known: IndexSnapshot) -> None:
        self.project = project
        self._known = known
        self._owner: Owner | None = None
        finish_dead(project)

    def close(self) -> None:
        """Let the owner's lock go. Its file stays: from it the index learns what was published."""
        if self._owner is not None:
            self._owner.release(unfinished=True)
            self._owner = None

    @property
    def owner(self) -> str:
        """The token of this live store, for `stage_payload`."""
        if self._owner is None:
            self._owner = Owner(self.project, detached=True)
        return self._owner.token

    def folder(self, ref: ArtifactRef) -> Path:
        """Where a version lies. Raises NotFound."""
        folder = layout.version_dir(self.project, ref)
        if not folder.is_dir():
            raise NotFound(f"there is no version {ref} in {folder}")
        return folder

    def is_published(self, ref: ArtifactRef) -> bool:
        return layout.version_dir(self.project, ref).is_dir()

    def metadata(self, ref: ArtifactRef) -> ArtifactMetadata:
        """The sealed record of a version, its seal checked."""
        return read_sealed(self.folder(ref), ref)

    def checked_data(self, ref: ArtifactRef) -> Any:
        """A payload whose digest was compared with its seal. Raises StoreDamaged."""
        return json.loads(payload_as_sealed(self.folder(ref), ref))

    def list_versions(self, artifact_type: str, entity_id: str | None = None) -> list[ArtifactRef]:
        return _versions(self.project, ArtifactKey(artifact_type, entity_id))

    def heads_of(self, keys: Iterable[ArtifactKey]) -> dict[ArtifactKey, HeadRow]:
        """The heads as saved; of an artifact that was not there then, what somebody has put there since.

        Whether they are held is looked up anew.
        """
        said = latest_holds(self.project)
        rows = {key: self._known.heads.get(key) or self._begun_since(key) for key in keys}
        return {key: self._held_now(row, said) for key, row in rows.items() if row is not None}

    def heads_now(self, keys: Iterable[ArtifactKey]) -> dict[ArtifactKey, HeadRow]:
        """The same, with what people have put above them since."""
        keys = list(keys)
        said = latest_holds(self.project)
        rows = self.heads_of(keys)
        for key in keys:
            newest = self._begun_since(key)
            row = rows.get(key)
            if newest is None or row is None or newest.ref.version <= row.ref.version:
                continue
            if newest.held:  # by a person: what this run itself has published is no such thing
                rows[key] = self._held_now(newest, said)
        return rows

    def _held_now(self, row: HeadRow, said: Mapping[ArtifactKey, LatestHold]) -> HeadRow:
        word = said.get(row.ref.key)
        if word is None:
            return row
        try:
            record = self.metadata(row.ref)
        except (NotFound, StoreDamaged):
            return row
        since = is_by_hand(record) and record.created_at > word.at
        return replace(row, held=word.holds or since)

    def _begun_since(self, key: ArtifactKey) -> HeadRow | None:
        found = _versions(self.project, key)
        if not found:
            return None
        try:
            record = self.metadata(found[-1])
        except StoreDamaged:
            return None
        return HeadRow(
            found[-1],
            record.content,
            record.fingerprint.digest if record.fingerprint else None,
            record.source,
            ArtifactHealth.VALID,
            vanished=False,
            held=is_by_hand(record),
            run_id=record.run_id,
            refined=record.refined_from is not None,
        )

    def newest_by_hand(self, ref: ArtifactRef) -> ArtifactRef:
        """The head, if somebody has put that above a version; else the version."""
        newest = (_versions(self.project, ref.key) or [ref])[-1]
        if newest.version <= ref.version:
            return ref
        try:
            return newest if is_by_hand(self.metadata(newest)) else ref
        except (NotFound, StoreDamaged):
            return ref

    def said_since(self, moment: int) -> dict[ArtifactRef, Assessment]:
        """What was said last of each version, of what came into the project since a change time in nanoseconds."""
        return latest_assessments(self.project, moment)

    def not_approved_now(self, refs: Iterable[ArtifactRef]) -> list[ArtifactRef]:
        """Those of some versions that nobody approves any more, by the folders."""
        refs = list(refs)
        words = latest_verdicts(self.project) if refs else {}
        return [
            ref
            for ref in refs
            if not is_approved(ref, words.get, self.metadata, self.list_versions)
        ]

    def collection(self, key: ArtifactKey) -> Collection | None:
        head = self._known.heads.get(key)
        if head is None:
            return None
        payload = published_payload(head.ref, self.folder(head.ref))
        assert isinstance(payload, Collection), "only collections are asked for"
        return payload

    def used_ids(self, artifact_type: str) -> frozenset[str]:
        return self._known.used_ids.get(artifact_type, frozenset())

    def made_by_the_same_work(self, key: ArtifactKey, fingerprint: str) -> list[ArtifactRef]:
        return [
            ref for ref, of_ref in self._known.same_work if ref.key == key and of_ref == fingerprint
        ]

    def reserve(self, keys: Sequence[ArtifactKey], run_id: str) -> dict[ArtifactKey, int]:
        """The numbers that were reserved for known members; an id never used before begins with the first."""
        del run_id  # they are this run's already
        return {key: self._known.numbers.get(key, 1) for key in keys}

    def publish(
        self, batch: Iterable[Publication], *, unless_held: bool = False
    ) -> tuple[ArtifactRef, ...]:
        """Publish staged payloads under their numbers, all or none.

        Raises VersionExists, NotFound, InvalidPayload and, with `unless_held`, HeldMeanwhile.
        """
        sealer = BatchSealer(_VersionsInFolders(self.project), self.project)
        intents = [sealer.add(each) for each in batch]
        sealer.check_members()
        if unless_held:
            refs = [each.metadata.ref for each in intents]
            rows = self.heads_of([ref.key for ref in refs])
            refuse_replacing(held_rows(rows.values()), refs)
        publish_journalled(self.project, self.owner, intents)
        return tuple(each.metadata.ref for each in intents)

    def publish_each(
        self, publications: Sequence[Publication], *, unless_held: bool = False
    ) -> list[ArtifactRef | CineForgeError]:
        """Publish each by itself; what became of it, or why it was not published."""
        found: list[ArtifactRef | CineForgeError] = []
        for each in publications:
            try:
                found += self.publish([each], unless_held=unless_held)
            except CineForgeError as error:
                found.append(error)
        return found

    def ensure_ticket(self, ref: ArtifactRef, number: int | None = None) -> Path:
        """Make the ticket of a planned number lead to a version."""
        layout.require_inside(self.project, self.folder(ref))
        return links.point_ticket(self.project, ref, number or ref.version)


class _VersionsInFolders:
    """`ExistingVersions` as the folders tell of them. Numbers are given by whoever planned the job."""

    def __init__(self, project: Path) -> None:
        self._project = project

    def is_taken(self, key: ArtifactKey, number: int) -> bool:
        del key, number  # the folder itself tells
        return False

    def next_number(self, key: ArtifactKey, at_least: int) -> int:
        raise VersionExists(f"no number was planned for {key}, at least {at_least}")

    def content_and_seal(self, ref: ArtifactRef, child: ArtifactKey) -> tuple[str, str]:
        del child  # each is read
        folder = layout.version_dir(self._project, ref)
        if not folder.is_dir():
            raise NotFound(f"there is no version {ref}")
        metadata = read_sealed(folder, ref)
        return metadata.content, metadata.seal

    def content(self, key: ArtifactKey, version: int, collection: ArtifactKey) -> str:
        return self.content_and_seal(lean_ref(key, version), collection)[0]

    def earlier(self, ref: ArtifactRef, content: str) -> int:
        for other in reversed(_versions(self._project, ref.key)):
            if other.version < ref.version:
                try:
                    record = read_sealed(layout.version_dir(self._project, other), other)
                except StoreDamaged:
                    continue
                if record.content == content:
                    return other.version
        return 0

    def now(self, key: ArtifactKey, payload: object) -> datetime:  # noqa: ARG002
        return datetime.now(UTC)


def _versions(project: Path, key: ArtifactKey) -> list[ArtifactRef]:
    return sorted((ref for ref, _ in versions_on_disk(project, key)), key=lambda ref: ref.version)
