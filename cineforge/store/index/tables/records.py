"""Registering versions: the facts of their metadata become rows, and what that may affect is noted."""

from __future__ import annotations

import json
import sqlite3
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field

from cineforge.model.health import Assessment, Hold, HoldAction
from cineforge.model.made_from import NamedSources
from cineforge.model.metadata import EDITED_FROM, ArtifactMetadata, Source
from cineforge.model.names import NO_ENTITY
from cineforge.model.own_payloads.collection import Collection, Member, Outcome
from cineforge.model.refs import ArtifactKey
from cineforge.store.index.tables.columns import VERDICTS, entity_of, to_microseconds
from cineforge.store.versions.payloads import Known

#: Contents whose rows are remembered: those of parents are asked for again, those of versions are not.
_CONTENTS_KEPT = 4096

#: So many rows are passed over in the time that one takes to be asked for by name.
_SCANNED = 8

BY_PEOPLE = frozenset({Source.HUMAN, Source.HYBRID})


@dataclass(frozen=True)
class Record:
    """A published version as the index needs it; `payload` only of the types the store itself reads."""

    metadata: ArtifactMetadata
    payload: Known | None


@dataclass
class Changes:
    """What registering touched, by row id: as numbers alone, as there may be very many. `refresh` takes it over."""

    #: Artifacts of which versions were registered, and of which several were.
    added: set[int] = field(default_factory=set)
    several: set[int] = field(default_factory=set)
    #: Of each version that a collection lists its artifact and, after it, its number.
    _judged: array[int] = field(default_factory=lambda: array("q"))
    assessed: set[int] = field(default_factory=set)
    #: By collection: the highest version registered, and the members it names.
    members: dict[int, tuple[int, set[int]]] = field(default_factory=dict)
    #: Members that their collection had never named before.
    newly_named: set[int] = field(default_factory=set)
    #: Collections that name what they had never named before, be it in an older version that came in late.
    naming: set[int] = field(default_factory=set)

    def note_judged(self, artifact: int, number: int) -> None:
        self._judged.extend((artifact, number))

    @property
    def judged(self) -> Iterator[tuple[int, int]]:
        """The versions that collections list, by artifact and number."""
        numbers = iter(self._judged)
        return zip(numbers, numbers, strict=True)


def _names_what_it_read(record: Record) -> bool:
    """Of a collection: its fan-out read earlier versions of its own members."""
    payload = record.payload
    return isinstance(payload, Collection) and any(
        payload.names(edge.ref.key) for edge in record.metadata.lineage
    )


def _judgement(sources: NamedSources, member: Member) -> tuple[bool, str | None, str | None]:
    """Whether it was kept, and where what it was made from stands in its collection's record; None for all of that."""
    is_kept = member.outcome is Outcome.KEPT
    if member.made_from is None:
        return is_kept, None, None
    found = sources.of(member.made_from)
    return is_kept, json.dumps(found.parents), json.dumps(found.gathered)


def is_by_hand(metadata: ArtifactMetadata) -> bool:
    """A person put this version there. A module may hand on a person's work as `human`: its head is not held."""
    by_module = metadata.fingerprint is not None or metadata.producing_module is not None
    return metadata.source in BY_PEOPLE and not by_module


class Registrar:
    """Adds versions within one write transaction. The order does not matter; one already known is skipped."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._artifacts: dict[ArtifactKey, int] = {}
        self._contents: dict[str, int] = {}
        self.changes = Changes()

    def _artifact(self, key: ArtifactKey) -> int:
        known = self._artifacts.get(key)
        if known is None:
            name = (key.artifact_type, key.entity_dir)
            query = "SELECT id FROM artifact WHERE type = ? AND entity = ?"
            insert = "INSERT INTO artifact (type, entity) VALUES (?, ?) ON CONFLICT DO NOTHING RETURNING id"
            known = self._artifacts[key] = self._id(query, insert, name)
        return known

    def _know_artifacts(self, collection: Collection) -> None:
        """Ask for the ids of many artifacts in one go, where there are not many times as many others."""
        (all_there_are,) = self._db.execute("SELECT max(id) FROM artifact").fetchone()
        for name, named in collection.members.items():
            if _SCANNED * len(named) >= (all_there_are or 0):
                query = "SELECT entity, id FROM artifact WHERE type = ?"
                for entity, known in self._db.execute(query, (name,)):
                    if entity in named:
                        self._artifacts.setdefault(ArtifactKey(name, entity_of(entity)), known)

    def _content(self, digest: str) -> int:
        known = self._contents.get(digest)
        if known is None:
            if len(self._contents) >= _CONTENTS_KEPT:
                self._contents.clear()
            query = "SELECT id FROM content WHERE digest = ?"
            insert = "INSERT INTO content (digest) VALUES (?) ON CONFLICT DO NOTHING RETURNING id"
            known = self._contents[digest] = self._id(query, insert, (digest,))
        return known

    def _id(self, query: str, insert: str, values: tuple[str, ...]) -> int:
        """The id of a row, which is made when there is none yet."""
        row = self._db.execute(insert, values).fetchone()
        if row is None:
            row = self._db.execute(query, values).fetchone()
        return int(row[0])

    def add(self, record: Record) -> int:
        """Enter a version; returns the row id of its artifact."""
        metadata = record.metadata
        artifact = self._artifact(metadata.ref.key)
        created_at = to_microseconds(metadata.created_at)
        version = self._add_version(artifact, created_at, record)
        if version is None:
            return artifact
        self._insert(
            "INSERT INTO lineage VALUES (?, ?, ?, ?, ?, ?)",
            [
                (
                    version,
                    position,
                    self._artifact(edge.ref.key),
                    edge.ref.version,
                    self._content(edge.content),
                    edge.role,
                )
                for position, edge in enumerate(metadata.lineage)
            ],
        )
        self._insert(
            "INSERT INTO gathered (version, position, stage, member_type, scope, ids) VALUES (?, ?, ?, ?, ?, ?)",
            [
                (
                    version,
                    position,
                    gathered.stage,
                    gathered.member_type,
                    gathered.scope or NO_ENTITY,
                    json.dumps(sorted(set(gathered.ids))),
                )
                for position, gathered in enumerate(metadata.gathered)
            ],
        )
        payload = record.payload
        if isinstance(payload, Collection):
            self._add_collection(artifact, version, created_at, metadata, payload)
        elif isinstance(payload, Assessment):
            self._add_assessment(created_at, metadata, payload)
        elif isinstance(payload, Hold):
            self._add_hold(created_at, metadata, payload)
        return artifact

    def _insert(self, statement: str, rows: list[tuple[object, ...]]) -> None:
        # Asked for no rows, SQLite would still prepare to insert some.
        if rows:
            self._db.executemany(statement, rows)

    def _add_version(self, artifact: int, created_at: int, record: Record) -> int | None:
        metadata = record.metadata
        edited = next((edge.ref for edge in metadata.lineage if edge.role == EDITED_FROM), None)
        if edited is not None and metadata.source not in BY_PEOPLE:
            edited = None
        content = self._content(metadata.content)
        made_for = None
        if (entity := metadata.made_for) is not None:
            made_for = self._artifact(ArtifactKey(entity.artifact_type, entity.entity_id))
        cursor = self._db.execute(
            "INSERT OR IGNORE INTO version (artifact, number, content, seal, source, by_hand, fingerprint, run_id, "
            "created_at, made_for, edited_artifact, edited_number, refined)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                artifact,
                metadata.ref.version,
                content,
                metadata.seal,
                metadata.source.value,
                is_by_hand(metadata),
                metadata.fingerprint and metadata.fingerprint.digest,
                metadata.run_id,
                created_at,
                made_for,
                edited and self._artifact(edited.key),
                edited and edited.version,
                metadata.refined_from is not None or _names_what_it_read(record),
            ),
        )
        if cursor.rowcount != 1:
            return None
        assert cursor.lastrowid is not None, "a row was inserted"
        if artifact in self.changes.added:
            self.changes.several.add(artifact)
        self.changes.added.add(artifact)
        return cursor.lastrowid

    def _add_collection(
        self,
        artifact: int,
        version: int,
        created_at: int,
        metadata: ArtifactMetadata,
        collection: Collection,
    ) -> None:
        number = metadata.ref.version
        sources = NamedSources(metadata.lineage, metadata.gathered)
        self._know_artifacts(collection)
        named = array("q", (self._artifact(key) for key, _ in collection.named()))
        self._db.executemany(
            "INSERT INTO judged VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
            "collection = excluded.collection, rank_number = excluded.rank_number, "
            "rank_created = excluded.rank_created, kept = excluded.kept, "
            "parents = excluded.parents, sets = excluded.sets "
            "WHERE (excluded.rank_number, excluded.rank_created) > (rank_number, rank_created)",
            (
                (each, member.version, version, number, created_at, *_judgement(sources, member))
                for each, (_, member) in zip(named, collection.named(), strict=True)
            ),
        )
        for each, (_, member) in zip(named, collection.named(), strict=True):
            self.changes.note_judged(each, member.version)
        members = set(named)
        query = "SELECT member FROM named WHERE collection = ?"
        fresh = members.difference(row[0] for row in self._db.execute(query, (artifact,)))
        self._db.executemany(
            "INSERT INTO named VALUES (?, ?, 0)", ((artifact, member) for member in fresh)
        )
        self._db.executemany(
            "UPDATE artifact SET named = 1 WHERE id = ?", ((member,) for member in fresh)
        )
        self.changes.newly_named |= fresh
        if fresh:
            self.changes.naming.add(artifact)
        if number > self.changes.members.get(artifact, (0, None))[0]:
            self.changes.members[artifact] = (number, members)

    def _add_assessment(
        self, created_at: int, metadata: ArtifactMetadata, assessment: Assessment
    ) -> None:
        subject = self._artifact(assessment.subject.key)
        examined = sorted({(self._artifact(ref.key), ref.version) for ref in assessment.examined})
        self._db.execute(
            "INSERT INTO assessed VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
            "created_at = excluded.created_at, entity = excluded.entity, record = excluded.record, "
            "verdict = excluded.verdict, examined = excluded.examined "
            "WHERE (excluded.created_at, excluded.entity, excluded.record) > (created_at, entity, record)",
            (
                subject,
                assessment.subject.version,
                created_at,
                metadata.ref.key.entity_dir,
                metadata.ref.version,
                VERDICTS[assessment.verdict],
                json.dumps(examined),
            ),
        )
        self.changes.assessed.add(subject)

    def _add_hold(self, created_at: int, metadata: ArtifactMetadata, hold: Hold) -> None:
        self._db.execute(
            "INSERT INTO hold VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET created_at = excluded.created_at, "
            "entity = excluded.entity, record = excluded.record, held = excluded.held "
            "WHERE (excluded.created_at, excluded.entity, excluded.record) > (created_at, entity, record)",
            (
                self._artifact(ArtifactKey(hold.artifact_type, hold.entity_id)),
                created_at,
                metadata.ref.key.entity_dir,
                metadata.ref.version,
                hold.action is HoldAction.HOLD,
            ),
        )
