"""Sealing what is to be published: numbers, parents' seals and checks, for one batch at a time."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from cineforge.model.errors import InvalidPayload, NotFound, StoreDamaged, VersionExists
from cineforge.model.health import Assessment
from cineforge.model.metadata import ArtifactMetadata, LineageEdge, Provenance
from cineforge.model.own_payloads.collection import Collection, Outcome
from cineforge.model.refs import ArtifactKey, ArtifactRef, lean_ref
from cineforge.store import layout
from cineforge.store.locking import owners
from cineforge.store.publishing.sealed_so_far import SealedSoFar
from cineforge.store.versions.payloads import Known, known_payload
from cineforge.store.versions.seal import parse_sealed, seal_metadata
from cineforge.store.versions.staging import StagedPayload


@dataclass(frozen=True)
class Publication:
    """A staged payload and what its maker says of it; `version` None takes the next free number.

    `only_after` is the number of the head that the maker has seen, 0 for none: with another head nothing is published.
    Without a `ticket`, none is made: it is to stand for more than this version.
    """

    staged: StagedPayload
    provenance: Provenance
    version: int | None = None
    only_after: int | None = None
    ticket: bool = True


@dataclass(frozen=True)
class Move:
    """One staging folder on its way to become a version.

    `meta` are the bytes of its record; empty when this process has just written them there. `ticket`: one is made.
    """

    folder: Path
    ref: ArtifactRef
    meta: bytes
    ticket: bool = field(default=True, kw_only=True)


@dataclass(frozen=True)
class Intent(Move):
    """The same, with all that its record says."""

    metadata: ArtifactMetadata
    #: Of a type that the store itself reads, where this process has read it.
    payload: Known | None = field(default=None, kw_only=True)


def read_intent(project: Path, owner: str, folder: str, meta: bytes, place: Path) -> Intent:
    """What a journal or the index says was about to be published, checked: `place` is where that stands.

    Anybody may have written that. Only a staging folder of the owner, beside the version it is to become, is renamed.
    Raises StoreDamaged.
    """
    metadata = parse_sealed(meta, place)
    home, name = layout.artifact_dir(project, metadata.ref.key), folder.rpartition("/")[2]
    if folder != f"{home.relative_to(project).as_posix()}/{name}" or not owners.is_staging_of(
        owner, name
    ):
        raise StoreDamaged(
            f"{place} names {folder!r} as what is to become {metadata.ref}, which is no place for that"
        )
    return Intent(home / name, metadata.ref, meta, metadata)


def _is_folder(path: Path) -> bool:
    """Whether that is a folder itself, and no link to one."""
    try:
        return stat.S_ISDIR(os.lstat(path).st_mode)
    except OSError:
        return False


class ExistingVersions(Protocol):
    """What must be known of the versions that are there to seal new ones."""

    def is_taken(self, key: ArtifactKey, number: int) -> bool:
        """Whether a number was given to a version, or is being given to one."""

    def next_number(self, key: ArtifactKey, at_least: int) -> int:
        """The lowest number that is neither given, reserved, nor occupied on the disk."""

    def content_and_seal(self, ref: ArtifactRef, child: ArtifactKey) -> tuple[str, str]:
        """Of a published version, from which a version of `child` was made. Raises NotFound."""

    def content(self, key: ArtifactKey, version: int, collection: ArtifactKey) -> str:
        """Of a published version that a collection names. Raises NotFound."""

    def earlier(self, ref: ArtifactRef, content: str) -> int:
        """The highest number below `ref` of a version of the same artifact with this content, or 0."""

    def now(self, key: ArtifactKey, payload: object) -> datetime:
        """The time to seal: later than what was said before of the artifact, or of what its payload is about."""


class BatchSealer:
    """The checks and the sealing of one batch; later publications may refer to earlier ones."""

    def __init__(self, existing: ExistingVersions, project: Path) -> None:
        self._existing = existing
        self._project = project
        self._inside = layout.Inside(project)
        self._sealed = SealedSoFar()
        self._parents: dict[ArtifactRef, tuple[str, str]] = {}
        self._payloads: list[tuple[ArtifactKey, Known]] = []

    def add(self, publication: Publication) -> Intent:
        """Number and seal one. Raises VersionExists, NotFound (a parent), InvalidPayload, StoreDamaged."""
        staged = publication.staged
        key, name = staged.key, staged.folder.name
        home = f"{self._project}/{layout.ARTIFACTS}/{key.artifact_type}/{key.entity_dir}"
        folder = Path(f"{home}/{name}")
        if not owners.is_staging(name) or not _is_folder(folder):
            raise NotFound(f"{folder} is not a staged payload (any more): stage it again")
        self._inside.require(home)
        self._inside.require(f"{self._project}/{layout.CURRENT}/{key.artifact_type}")
        payload = known_payload(staged.key, folder)
        if payload is not None:
            self._payloads.append((staged.key, payload))
        ref = self._number(staged.key, publication.version)
        sealed = seal_metadata(
            publication.provenance,
            ref=ref,
            lineage=[
                self._edge(parent.ref, parent.role, staged.key)
                for parent in publication.provenance.lineage
            ],
            created_at=self._existing.now(staged.key, payload),
            data_digest=staged.data_digest,
            files=staged.files,
            content=staged.content,
            reproduces=self._earlier(ref, staged.content),
        )
        self._sealed.add(ref, staged.content, sealed.metadata.seal)
        return Intent(
            folder,
            ref,
            sealed.content,
            sealed.metadata,
            ticket=publication.ticket,
            payload=payload,
        )

    def check_members(self) -> None:
        """Every version that a collection or an assessment of the batch names must exist, or be of the batch."""
        for key, payload in self._payloads:
            if isinstance(payload, Collection):
                for named, member in payload.named():
                    content = self._content(named, member.version, key)
                    if member.outcome is not Outcome.HELD and member.content != content:
                        raise InvalidPayload(
                            f"the collection {key} names {named}@{member.version} with another content"
                            " than it has: name the version's own"
                        )
            elif isinstance(payload, Assessment):
                for ref in (payload.subject, *payload.examined):
                    self._content_and_seal(ref, key)

    def _number(self, key: ArtifactKey, wanted: int | None) -> ArtifactRef:
        in_batch = [number for number, _, _ in self._sealed.of(key)]
        if wanted is None:
            number = self._existing.next_number(key, at_least=max(in_batch, default=0) + 1)
        else:
            number = wanted
            if (
                number in in_batch
                or self._existing.is_taken(key, number)
                or layout.is_occupied(self._project, key, number)
            ):
                raise VersionExists(
                    f"{key}@{number} exists and is never overwritten: take the next free number"
                )
        return lean_ref(key, number)

    def _edge(self, parent: ArtifactRef, role: str, child: ArtifactKey) -> LineageEdge:
        content, seal = self._content_and_seal(parent, child)
        return LineageEdge(ref=parent, role=role, content=content, seal=seal)

    def _content_and_seal(self, ref: ArtifactRef, child: ArtifactKey) -> tuple[str, str]:
        found = self._in_batch(ref.key, ref.version) or self._parents.get(ref)
        if found is None:
            found = self._parents[ref] = self._existing.content_and_seal(ref, child)
        return found

    def _content(self, key: ArtifactKey, version: int, collection: ArtifactKey) -> str:
        found = self._in_batch(key, version)
        return found[0] if found else self._existing.content(key, version, collection)

    def _in_batch(self, key: ArtifactKey, version: int) -> tuple[str, str] | None:
        for number, content, seal in self._sealed.of(key):
            if number == version:
                return content, seal
        return None

    def _earlier(self, ref: ArtifactRef, content: str) -> int | None:
        in_batch = [
            number
            for number, other, _ in self._sealed.of(ref.key)
            if number < ref.version and other == content
        ]
        return max([*in_batch, self._existing.earlier(ref, content)]) or None
