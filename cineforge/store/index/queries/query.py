"""Questions to the index that are answered by one look: heads, versions, health as it is stored."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from operator import attrgetter
from typing import Any

from cineforge.model.health import ArtifactHealth, Verdict
from cineforge.model.metadata import Source
from cineforge.model.refs import ArtifactKey, ArtifactRef, lean_ref
from cineforge.store.index.tables.columns import VERDICTS, entity_of, from_microseconds, make_ref


def health_case(row: str) -> str:
    """The health that the flags of a row amount to, as an SQL expression."""
    return (
        f"CASE WHEN {row}.verdict = {VERDICTS[Verdict.NEEDS_REVISION]} THEN 'needs_revision'"
        f" WHEN {row}.stale THEN 'stale' WHEN {row}.confirmed THEN 'confirmed_valid' ELSE 'valid' END"
    )


HEALTH = health_case("a")
#: Whether no machine may replace a head, over `artifact a`, its version `v` and its hold `h`, if any.
HELD = (
    "CASE WHEN h.held = 1 THEN 1"
    " ELSE v.by_hand = 1 AND (h.created_at IS NULL OR v.created_at > h.created_at) END"
)
SELECT_HEADS = (
    "SELECT a.type, a.entity, a.number, c.digest, v.fingerprint, v.source,"
    f" {HEALTH}, a.vanished, {HELD}, v.run_id, v.refined"
    " FROM artifact a JOIN version v ON v.id = a.head JOIN content c ON c.id = v.content"
    " LEFT JOIN hold h ON h.artifact = a.id"
)
_HEALTHS = {health.value: health for health in ArtifactHealth}
_SOURCES = {source.value: source for source in Source}


@dataclass(frozen=True, slots=True)
class HeadRow:
    """What the index knows of an artifact's head. `fingerprint` is the digest alone.

    `held`: no machine may replace it: a person made it, or a hold was recorded, and no release since. `refined`: it
    was made from an earlier version of the same artifact, and is no person's edit.
    """

    ref: ArtifactRef
    content: str
    fingerprint: str | None
    source: Source
    health: ArtifactHealth
    vanished: bool
    held: bool
    run_id: str | None
    refined: bool = False


#: All but which version it is.
_SAID = attrgetter(*(each.name for each in fields(HeadRow)[1:]))
_NONE: Mapping[ArtifactKey, HeadRow] = {}


def heads(
    db: sqlite3.Connection, known: Mapping[ArtifactKey, HeadRow] = _NONE
) -> dict[ArtifactKey, HeadRow]:
    """The head of every artifact; of what is as it is `known`, the same object."""
    return head_rows(db.execute(f"{SELECT_HEADS} ORDER BY a.type, a.entity"), known)


def heads_of(db: sqlite3.Connection, keys: Iterable[ArtifactKey]) -> dict[ArtifactKey, HeadRow]:
    """The heads of some artifacts; those that have none are left out."""
    found: dict[ArtifactKey, HeadRow] = {}
    same: dict[str | None, str | None] = {}
    for key in keys:
        place = (key.artifact_type, key.entity_dir)
        for row in db.execute(f"{SELECT_HEADS} WHERE a.type = ? AND a.entity = ?", place):
            found[key] = _head_row(key, row, same)
    return found


def head_rows(
    rows: sqlite3.Cursor, known: Mapping[ArtifactKey, HeadRow] = _NONE
) -> dict[ArtifactKey, HeadRow]:
    found: dict[ArtifactKey, HeadRow] = {}
    same: dict[str | None, str | None] = {}
    types: dict[str, str] = {}
    for row in rows:
        key = ArtifactKey(types.setdefault(row[0], row[0]), entity_of(row[1]))
        fresh = _head_row(key, row, same, known.get(key))
        found[fresh.ref.key] = fresh
    return found


def _head_row(
    key: ArtifactKey,
    row: tuple[Any, ...],
    same: dict[str | None, str | None],
    known: HeadRow | None = None,
) -> HeadRow:
    """What a row says; `known` itself if it says the same. `same` has what many have in common, such as the members of
    a fan-out.
    """
    _, _, number, content, print_, source, health, vanished, held, run_id, refined = row
    said = (
        content,
        same.setdefault(print_, print_),
        _SOURCES[source],
        _HEALTHS[health],
        vanished == 1,
        held == 1,
        same.setdefault(run_id, run_id),
        refined == 1,
    )
    if known is not None and known.ref.version == number and _SAID(known) == said:
        return known
    return HeadRow(lean_ref(key, number), *said)


def head(db: sqlite3.Connection, key: ArtifactKey) -> ArtifactRef | None:
    row = db.execute(
        "SELECT type, entity, number FROM artifact WHERE type = ? AND entity = ? AND head IS NOT NULL",
        (key.artifact_type, key.entity_dir),
    ).fetchone()
    return make_ref(*row) if row else None


def superseded(
    db: sqlite3.Connection, refs: Iterable[ArtifactRef]
) -> list[tuple[ArtifactRef, ArtifactRef]]:
    """Those of some versions that are no heads, each with the head."""
    number = "SELECT number FROM artifact WHERE type = ? AND entity = ? AND head IS NOT NULL"
    found = []
    for ref in refs:
        key = ref.key
        row = db.execute(number, (key.artifact_type, key.entity_dir)).fetchone()
        if row and row[0] > ref.version:
            found.append((ref, lean_ref(key, row[0])))
    return found


def head_health(db: sqlite3.Connection, artifact: int) -> ArtifactHealth:
    (health,) = db.execute(f"SELECT {HEALTH} FROM artifact a WHERE id = ?", (artifact,)).fetchone()
    return _HEALTHS[health]


def versions(db: sqlite3.Connection, key: ArtifactKey) -> list[ArtifactRef]:
    rows = db.execute(
        "SELECT a.type, a.entity, v.number FROM artifact a JOIN version v ON v.artifact = a.id"
        " WHERE a.type = ? AND a.entity = ? ORDER BY v.number",
        (key.artifact_type, key.entity_dir),
    )
    return [make_ref(*row) for row in rows]


def artifacts(db: sqlite3.Connection, artifact_type: str | None) -> list[ArtifactKey]:
    rows = db.execute(
        "SELECT type, entity FROM artifact WHERE head IS NOT NULL AND (?1 IS NULL OR type = ?1)"
        " ORDER BY type, entity",
        (artifact_type,),
    )
    return [ArtifactKey(type_, entity_of(entity)) for type_, entity in rows]


@dataclass(frozen=True, slots=True)
class HeadThen:
    """A head as of a moment, and the head now."""

    ref: ArtifactRef
    created_at: datetime
    source: Source
    run_id: str | None
    now: ArtifactRef


def heads_at(db: sqlite3.Connection, moment: int) -> list[HeadThen]:
    """The highest version of every artifact that was made by a moment (microseconds since 1970, UTC)."""
    # SQLite promises that with max() the other columns are of the row that has it.
    rows = db.execute(
        "SELECT a.type, a.entity, max(v.number), v.created_at, v.source, v.run_id, a.number"
        " FROM artifact a JOIN version v ON v.artifact = a.id"
        " WHERE v.created_at <= ? GROUP BY a.id ORDER BY a.type, a.entity",
        (moment,),
    )
    found: list[HeadThen] = []
    for type_, entity, number, created_at, source, run_id, head in rows:
        then = make_ref(type_, entity, number)
        now = then if head == number else make_ref(type_, entity, head)
        found.append(HeadThen(then, from_microseconds(created_at), _SOURCES[source], run_id, now))
    return found


def made_by_the_same_work(
    db: sqlite3.Connection, key: ArtifactKey, fingerprint: str
) -> list[ArtifactRef]:
    """Versions that a machine made with this fingerprint and of which no revision is asked for, newest first."""
    return [make_ref(*row[:3]) for row in _works(db, key, fingerprint)]


def works(db: sqlite3.Connection, key: ArtifactKey) -> list[tuple[ArtifactRef, str]]:
    """The same with any fingerprint, which is told."""
    return [(make_ref(*row[:3]), row[3]) for row in _works(db, key, None)]


def _works(db: sqlite3.Connection, key: ArtifactKey, fingerprint: str | None) -> sqlite3.Cursor:
    return db.execute(
        "SELECT a.type, a.entity, v.number, v.fingerprint"
        " FROM artifact a JOIN version v ON v.artifact = a.id"
        " LEFT JOIN assessed s ON s.artifact = a.id AND s.number = v.number"
        " WHERE a.type = ?1 AND a.entity = ?2 AND v.by_hand = 0"
        " AND v.fingerprint = coalesce(?3, v.fingerprint)"
        f" AND coalesce(s.verdict, 0) <> {VERDICTS[Verdict.NEEDS_REVISION]} ORDER BY v.number DESC",
        (key.artifact_type, key.entity_dir, fingerprint),
    )


def used_ids(db: sqlite3.Connection, artifact_type: str) -> set[str]:
    rows = db.execute(
        "SELECT entity FROM artifact WHERE type = ? AND entity <> '_' AND (head IS NOT NULL OR named = 1)",
        (artifact_type,),
    )
    return {row[0] for row in rows}


def stale_heads(db: sqlite3.Connection, limit: int | None) -> list[ArtifactRef]:
    rows = db.execute(
        f"SELECT type, entity, number FROM artifact a WHERE stale = 1 AND vanished = 0 AND {HEALTH} = 'stale'"
        " ORDER BY type, entity LIMIT ?",
        (-1 if limit is None else limit,),
    )
    return [make_ref(*row) for row in rows]


def health_counts(db: sqlite3.Connection) -> dict[str, dict[str, int]]:
    """By type: how many heads are in each state of health, or have `vanished`."""
    counts: dict[str, dict[str, int]] = {}
    rows = db.execute(
        f"SELECT type, CASE WHEN vanished THEN 'vanished' ELSE {HEALTH} END AS state, count(*)"
        " FROM artifact a WHERE head IS NOT NULL GROUP BY type, state ORDER BY type, state"
    )
    for type_, state, count in rows:
        counts.setdefault(type_, {})[state] = count
    return counts


def held_heads(db: sqlite3.Connection) -> list[ArtifactRef]:
    """The heads that no machine may replace."""
    rows = db.execute(
        "SELECT a.type, a.entity, a.number FROM ("
        " SELECT artifact AS id FROM hold WHERE held = 1"
        " UNION SELECT artifact FROM version WHERE by_hand = 1"
        ") candidate CROSS JOIN artifact a ON a.id = candidate.id JOIN version v ON v.id = a.head"
        f" LEFT JOIN hold h ON h.artifact = a.id WHERE {HELD} ORDER BY a.type, a.entity"
    )
    return [make_ref(*row) for row in rows]


def orphans_of_people(db: sqlite3.Connection) -> list[ArtifactRef]:
    """The held heads of artifacts that have vanished, or were made for one that has."""
    rows = db.execute(
        "SELECT a.type, a.entity, a.number FROM artifact a JOIN version v ON v.id = a.head"
        f" LEFT JOIN hold h ON h.artifact = a.id WHERE a.vanished = 1 AND {HELD} = 1"
        " ORDER BY a.type, a.entity"
    )
    return [make_ref(*row) for row in rows]


def vanished(db: sqlite3.Connection, *, named: bool | None = None) -> list[ArtifactKey]:
    """What has vanished; with `named` only what collections once named themselves, or only the rest."""
    rows = db.execute(
        "SELECT type, entity FROM artifact WHERE vanished = 1 AND head IS NOT NULL"
        " AND (?1 IS NULL OR named = ?1) ORDER BY type, entity",
        (named,),
    )
    return [ArtifactKey(type_, entity_of(entity)) for type_, entity in rows]


def registered(db: sqlite3.Connection) -> list[ArtifactRef]:
    """All versions that the index knows."""
    rows = db.execute(
        "SELECT a.type, a.entity, v.number FROM version v JOIN artifact a ON a.id = v.artifact"
    )
    return [lean_ref(ArtifactKey(row[0], entity_of(row[1])), row[2]) for row in rows]


def every_version(db: sqlite3.Connection) -> list[ArtifactRef]:
    """All versions that are registered, and those that one of these was made from."""
    rows = db.execute(
        "SELECT a.type, a.entity, v.number FROM version v JOIN artifact a ON a.id = v.artifact"
        " UNION SELECT a.type, a.entity, l.number FROM lineage l JOIN artifact a ON a.id = l.artifact"
    )
    return [make_ref(*row) for row in rows]
