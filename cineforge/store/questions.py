"""What can be asked of the versions of a project: payloads and records, heads, collections."""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from cineforge.model.artifact import Artifact, Diff
from cineforge.model.errors import NotFound, StoreDamaged, VersionClosed
from cineforge.model.health import Assessment, Hold
from cineforge.model.metadata import ArtifactMetadata
from cineforge.model.names import is_collection
from cineforge.model.own_payloads.collection import Collection, keys_named
from cineforge.model.refs import ArtifactKey, ArtifactRef, make_key
from cineforge.store import layout
from cineforge.store.index.queries import (
    judgements,
    listing,
    lookup,
    query,
    since,
)
from cineforge.store.index.queries.listing import Wanted
from cineforge.store.index.queries.newest import Newest, newest
from cineforge.store.index.queries.query import HeadRow, HeadThen
from cineforge.store.index.queries.since import Moment
from cineforge.store.index.rebuild import find_versions
from cineforge.store.index.tables import origin
from cineforge.store.index.tables.columns import to_microseconds
from cineforge.store.lineage_questions import LineageQuestions
from cineforge.store.versions.all_cores import on_all_cores
from cineforge.store.versions.differences import diff_data, diff_files
from cineforge.store.versions.payloads import published_payload
from cineforge.store.versions.seal import (
    checked_payload,
    payload_as_sealed,
    read_sealed,
    read_sealed_in_brief,
)
from cineforge.store.versions.verification import damage_of, look_over, verify_version

T = TypeVar("T")
_Word = TypeVar("_Word", Assessment, Hold)


class StoreQuestions(LineageQuestions):
    """The half of `ArtifactStore` that asks and changes nothing."""

    project: Path

    def load_artifact(self, ref: ArtifactRef) -> Artifact:
        """One version with its payload, metadata and present health. Its digest and seal are checked."""
        folder = self._folder(ref)
        metadata = read_sealed(folder, ref)
        raw = checked_payload(folder, metadata)
        return Artifact(ref, json.loads(raw), metadata, self.health(ref), folder)

    def checked_data(self, ref: ArtifactRef) -> Any:
        """The payload alone, its digest and seal checked."""
        return json.loads(payload_as_sealed(self._folder(ref), ref))

    def named_by(self, ref: ArtifactRef) -> set[ArtifactKey]:
        """All that a version of a collection names, its digest and seal checked."""
        return keys_named(payload_as_sealed(self._folder(ref), ref))

    def metadata(self, ref: ArtifactRef) -> ArtifactMetadata:
        """The sealed record of a version, its seal checked."""
        return read_sealed(self._folder(ref), ref)

    def metadata_in_brief(self, ref: ArtifactRef, parents: int) -> ArtifactMetadata:
        """The same; of what was made from more than so many, without naming these and what was gathered."""
        return read_sealed_in_brief(self._folder(ref), ref, parents)

    def verify(self, ref: ArtifactRef) -> None:
        """Check every byte of a version, and that its parents are still what it was made from."""
        verify_version(self.project, self._folder(ref), ref)

    def every_version(self) -> list[ArtifactRef]:
        """All versions in order of their names: those there are, damaged ones included, and those that are gone
        and something was made from."""
        known = set(self._read(query.every_version)) | self._read(origin.gone).keys()
        known.update(ref for ref, _ in find_versions(self.project))
        return sorted(known, key=lambda ref: (ref.artifact_type, ref.key.entity_dir, ref.version))

    def damage(self, ref: ArtifactRef) -> str | None:
        """What is wrong with a version, with what to do; None when its every byte is as it was sealed."""
        return damage_of(self.project, ref, self._read(origin.gone).get(ref))

    def look_over(self, refs: Sequence[ArtifactRef]) -> Iterator[tuple[str | None, bool]]:
        """Of each version in turn what is wrong with it, or else whether it could be written to: it cannot any more."""
        gone = self._read(origin.gone)
        found = on_all_cores(self.project, refs, look_over)
        for ref, (what, was_writable) in zip(refs, found, strict=True):
            known = gone.get(ref)
            yield what if known is None else damage_of(self.project, ref, known), was_writable

    def list_versions(self, artifact_type: str, entity_id: str | None = None) -> list[ArtifactRef]:
        """All versions in numerical order; none for an artifact that does not exist."""
        key = make_key(artifact_type, entity_id)
        return self._read(lambda db: query.versions(db, key))

    def list_artifacts(self, artifact_type: str | None = None) -> list[ArtifactKey]:
        return self._read(lambda db: query.artifacts(db, artifact_type))

    def has(self, ref: ArtifactRef) -> bool:
        return self._read(lambda db: lookup.find_version(db, ref)) is not None

    def head(self, key: ArtifactKey) -> ArtifactRef | None:
        return self._read(lambda db: query.head(db, key))

    def heads(
        self, known: Mapping[ArtifactKey, HeadRow] | None = None
    ) -> dict[ArtifactKey, HeadRow]:
        """The heads of all artifacts, in one query. What is as it is `known` to be takes no memory twice."""
        return self._read(lambda db: query.heads(db, known or {}))

    def moments(self, limit: int) -> list[datetime]:
        """When versions came, minute by minute: the last moment of each, or of so many of them, evenly."""
        found = self._read(listing.minutes)
        step = max(1, -(-len(found) // limit))
        return found[::-1][::step][::-1]

    def list_heads(
        self, wanted: Wanted, *, start: int = 0, limit: int = 100
    ) -> tuple[list[HeadRow], int]:
        """A page of the heads that are wanted, in the order that people count in, and how many there are in all."""
        return self._read(lambda db: listing.list_heads(db, wanted, start=start, limit=limit))

    def heads_of(self, keys: Iterable[ArtifactKey]) -> dict[ArtifactKey, HeadRow]:
        """The heads of some artifacts; those without a version are left out."""
        return self._read(lambda db: query.heads_of(db, keys))

    def changes_by_others(self) -> object:
        """Another value whenever some other process has changed the index since. Costs the same in every project."""
        return self._read(lambda db: (db, db.execute("PRAGMA data_version").fetchone()))

    def changes(self) -> object:
        """Another value whenever the index has changed since, by this store or by others."""
        return self.changes_by_others(), self._read(lambda db: db.total_changes)

    def newest_version(self) -> Newest:
        """Another value after each version, judgement and hold that was registered. Costs the same in every project."""
        return self._read(newest)

    def changed_since(self, then: Moment) -> frozenset[ArtifactKey] | None:
        """The artifacts that got versions since, or were judged or held; None where nobody can tell."""
        return self._read(lambda db: since.changed_since(db, then))

    def head_at(self, key: ArtifactKey, then: Moment) -> ArtifactRef | None:
        """The head that an artifact had at a moment; None if it had none."""
        return self._read(lambda db: since.head_at(db, key, then))

    def head_numbers(self, artifact_type: str) -> dict[str | None, int]:
        """By entity, the versions of the heads of a type: nothing else of them, as there may be very many."""
        return self._read(lambda db: listing.head_numbers(db, artifact_type))

    def named_count(self, collection: ArtifactKey, member_type: str) -> int:
        """How many members of a type the head of a collection names: there may be very many, so none is."""
        return self._read(lambda db: listing.named_count(db, collection, member_type))

    def heads_at(self, moment: datetime) -> list[HeadThen]:
        """The heads as they were at a moment (with a time zone), in order of their names."""
        return self._read(lambda db: query.heads_at(db, to_microseconds(moment)))

    def works(self, key: ArtifactKey) -> list[tuple[ArtifactRef, str]]:
        """An artifact's versions that may stand for their work again, newest first, with their fingerprints.

        One of which a revision is asked for may not, nor a collection that names such a one.
        """
        made = self._read(lambda db: query.works(db, key))
        return [work for work in made if not self._names_revised(work[0])]

    def made_by_the_same_work(self, key: ArtifactKey, fingerprint: str) -> list[ArtifactRef]:
        """Those of `works` with this fingerprint."""
        made = self._read(lambda db: query.made_by_the_same_work(db, key, fingerprint))
        return [ref for ref in made if not self._names_revised(ref)]

    def assessment(self, ref: ArtifactRef) -> Assessment | None:
        """The latest assessment of exactly this version. Raises StoreDamaged when it is not what was said."""
        record = self._read(lambda db: judgements.latest_assessment(db, ref))
        return None if record is None else self._word(record, Assessment)

    def hold(self, key: ArtifactKey) -> Hold | None:
        """The latest hold or release of an artifact. Raises StoreDamaged when it is not what was said."""
        record = self._read(lambda db: judgements.latest_hold(db, key))
        return None if record is None else self._word(record, Hold)

    def _word(self, ref: ArtifactRef, model: type[_Word]) -> _Word:
        raw = payload_as_sealed(self._folder(ref), ref)
        try:
            return model.model_validate_json(raw)
        except ValidationError as error:
            raise StoreDamaged(f"{ref} cannot be read: {error}") from None

    def folder(self, ref: ArtifactRef) -> Path:
        """Where a version lies. Raises NotFound, or StoreDamaged when its folder is gone."""
        return self._folder(ref)

    def diff_versions(self, a: ArtifactRef, b: ArtifactRef) -> Diff:
        """What differs from `a` to `b`, also between two artifacts."""
        before, after = self.load_artifact(a), self.load_artifact(b)
        return Diff(
            a,
            b,
            diff_data(before.data, after.data),
            diff_files(before.metadata.files, after.metadata.files),
        )

    def collection(self, key: ArtifactKey) -> Collection | None:
        """What the head of a collection names; None when the fan-out has not run."""
        ref = self.head(key)
        if ref is None:
            return None
        return self.collection_of(ref)

    def collection_of(self, ref: ArtifactRef) -> Collection:
        """What one version of a collection names. Raises NotFound for anything else."""
        payload = published_payload(ref, layout.version_dir(self.project, ref))
        if not isinstance(payload, Collection):
            raise NotFound(f"{ref.key} is not a collection: ask for the type '<stage>.members'")
        return payload

    def used_ids(self, artifact_type: str) -> set[str]:
        """Every entity id that versions or collections of this type ever used."""
        return self._read(lambda db: query.used_ids(db, artifact_type))

    # Inside

    def _names_revised(self, ref: ArtifactRef) -> bool:
        if not is_collection(ref.artifact_type):
            return False
        asked = self._read(judgements.revisions_asked)
        return bool(asked) and not asked.isdisjoint(self.collection_of(ref).refs())

    def _folder(self, ref: ArtifactRef) -> Path:
        self.require_folder(ref)
        return layout.version_dir(self.project, ref)

    def require_folder(self, ref: ArtifactRef) -> None:
        """Raise NotFound for a version that never was, and StoreDamaged when its folder is gone."""
        # As text: a run asks so of every head.
        folder = f"{self._artifacts}/{layout.version_name_of(ref)}"
        if not os.path.isdir(folder):  # noqa: PTH112
            self._read(lambda db: lookup.require_version(db, ref))
            home = os.path.dirname(folder)  # noqa: PTH120
            if os.path.isdir(home) and not os.access(home, os.X_OK):  # noqa: PTH112
                raise VersionClosed(f"{home} cannot be looked into: look at its permissions")
            raise StoreDamaged(
                f"the folder {folder} is gone: restore it from a backup or a clone,"
                " or run 'cineforge reindex' to go on without it"
            )

    @functools.cached_property
    def _artifacts(self) -> str:
        return str(self.project / layout.ARTIFACTS)
