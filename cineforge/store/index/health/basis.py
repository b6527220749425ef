"""On what a version stands: its own lineage, or that of the record which judged it unchanged.

In the place of an earlier version of its own artifact, from which it was refined, stands what that one stands on.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from itertools import chain
from typing import NamedTuple

from cineforge.store.index.health.continued_heads import renew_continued

#: By which collection a version was kept, if by any; its row; and what it is an edit of.
_STANDS_ON = (
    "SELECT j.collection, j.parents, j.sets, v.id, v.edited_artifact, v.edited_number"
    " FROM (SELECT ?1 AS artifact, ?2 AS number) w"
    " LEFT JOIN judged j ON j.artifact = w.artifact AND j.number = w.number AND j.kept = 1"
    " LEFT JOIN version v ON v.artifact = w.artifact AND v.number = w.number"
)


#: What a collection said of head `a` that it kept: `j`.
JUDGED_HEAD = "j.artifact = a.id AND j.number = a.number AND j.kept = 1"
#: Whether head `a` was made from some of what its record names.
SOME_OF_IT = f"EXISTS (SELECT 1 FROM judged j WHERE {JUDGED_HEAD} AND j.parents IS NOT NULL)"


class Edge(NamedTuple):
    """A version that is stood on, by row ids of artifact and content, and the role it played."""

    parent: int
    number: int
    content: int
    role: str


@dataclass
class Basis:
    """All that a version stands on; `sets` are the row ids of those that were gathered."""

    edges: list[Edge] = field(default_factory=list)
    sets: list[int] = field(default_factory=list)


def basis_of(db: sqlite3.Connection, artifact: int, number: int) -> Basis:
    """What a version stands on, without the versions of its own artifact."""
    found = Basis()
    pending, seen = [(artifact, number)], set()
    while pending:
        at = pending.pop()
        if at in seen:
            continue
        seen.add(at)
        record, own = _record(db, *at)
        if record is None:
            continue
        places = {"record": record.version, "parents": record.parents, "sets": record.sets}
        found.sets += [row[0] for row in db.execute(_GATHERED, places)]
        for edge in db.execute(_LINEAGE, places):
            if edge[0] == own:
                pending.append((edge[0], edge[1]))
            elif edge[0] != artifact:
                found.edges.append(Edge(*edge))
    return found


_LINEAGE = (
    "SELECT artifact, number, content, role FROM lineage WHERE version = :record"
    " AND (:parents IS NULL OR position IN (SELECT value FROM json_each(:parents))) ORDER BY position"
)
_GATHERED = (
    "SELECT id FROM gathered WHERE version = :record"
    " AND (:sets IS NULL OR position IN (SELECT value FROM json_each(:sets))) ORDER BY position"
)


class _Record(NamedTuple):
    """The version whose record tells; of a collection's, perhaps some places in its lineage and its sets alone."""

    version: int
    parents: str | None = None
    sets: str | None = None


def basis_version(db: sqlite3.Connection, artifact: int, number: int) -> int | None:
    """The row id of the version whose record tells, before all others, what this one stands on.

    The newest collection that lists exactly this version, if it found it unchanged; for a person's edit else,
    the basis of the version that was edited; else the version itself. None when that was deleted by hand.
    """
    record, _ = _record(db, artifact, number)
    return None if record is None else record.version


def _record(db: sqlite3.Connection, artifact: int, number: int) -> tuple[_Record | None, int]:
    """That version, and the artifact that was made so: for an edit, that of what was edited."""
    seen: set[tuple[int, int]] = set()
    while (artifact, number) not in seen:
        seen.add((artifact, number))
        kept, parents, sets, version, edited, edited_number = db.execute(
            _STANDS_ON, (artifact, number)
        ).fetchone()
        if kept is not None:
            return _Record(int(kept), parents, sets), artifact
        if version is None or edited is None:
            return (None if version is None else _Record(int(version))), artifact
        artifact, number = edited, edited_number
    return None, artifact


@dataclass
class Bases:
    """Heads whose basis is another now; and of `refined` ones it only grew by what their own record names."""

    renewed: set[int]
    refined: set[int]


def renew_bases(
    db: sqlite3.Connection,
    moved: AbstractSet[int],
    before: Mapping[int, int],
    passed: Iterable[int],
    judged: Iterable[tuple[int, int]],
) -> Bases:
    """Renew the basis of heads that moved or that a collection judged.

    `before` are former heads of some of those that moved, in whose place one version alone came; `passed` are artifacts
    that got a version older than their head.
    """
    renewed: set[int] = set()
    some_follow = db.execute(_SOME_FOLLOW).fetchone()[0]
    # What moved needs no look, unless an edit or a refinement may stand above. Most fan-outs move what they judge.
    asked = judged if some_follow else (each for each in judged if each[0] not in moved)
    affected = _heads_on(db, asked)
    continued: dict[int, bool] = {}
    if some_follow:
        affected.update(passed)
        alone = {each: number for each, number in before.items() if each not in affected}
        continued = renew_continued(db, alone)
    for artifact in chain(moved, affected - moved):
        if artifact in continued:
            continue
        number, old = db.execute(
            "SELECT number, basis FROM artifact WHERE id = ?", (artifact,)
        ).fetchone()
        new = basis_version(db, artifact, number)
        # What an earlier version of a refinement stands on may be another now although its own basis is not.
        if new != old or (some_follow and _stands_on_itself(db, artifact)):
            db.execute("UPDATE artifact SET basis = ? WHERE id = ?", (new, artifact))
            renewed.add(artifact)
    _renew_edges(db, renewed)
    return Bases(renewed, {each for each, is_refined in continued.items() if is_refined})


_SOME_FOLLOW = (
    "SELECT EXISTS (SELECT 1 FROM version WHERE edited_artifact IS NOT NULL)"
    " OR EXISTS (SELECT 1 FROM version WHERE refined = 1)"
)
#: Heads among those listed that are edits, or whose record names a version of their own artifact.
_ON_THEMSELVES = (
    "SELECT a.id, a.number FROM json_each(?) w CROSS JOIN artifact a ON a.id = w.value"
    " JOIN version v ON v.id = a.head LEFT JOIN version b ON b.id = a.basis"
    " WHERE v.refined = 1 OR b.refined = 1 OR v.edited_artifact IS NOT NULL"
)


def _stands_on_itself(db: sqlite3.Connection, artifact: int) -> bool:
    return db.execute(_ON_THEMSELVES, (json.dumps([artifact]),)).fetchone() is not None


def on_themselves(db: sqlite3.Connection, artifacts: Iterable[int]) -> list[tuple[int, int]]:
    """Those of some artifacts, with the numbers of their heads, whose basis more than one record may tell."""
    if not db.execute(_SOME_FOLLOW).fetchone()[0]:
        return []
    return db.execute(_ON_THEMSELVES, (json.dumps([*artifacts]),)).fetchall()


def _heads_on(db: sqlite3.Connection, versions: Iterable[tuple[int, int]]) -> set[int]:
    """The artifacts whose head is one of these versions, or was edited or refined from one, however often."""
    heads: set[int] = set()
    pending = list(versions)
    seen = set(pending)
    while pending:
        version = pending.pop()
        is_head = "SELECT 1 FROM artifact WHERE id = ? AND number = ?"
        if db.execute(is_head, version).fetchone():
            heads.add(version[0])
        edits = (
            "SELECT artifact, number FROM version WHERE edited_artifact = ?1 AND edited_number = ?2"
            " UNION SELECT v.artifact, v.number FROM lineage l JOIN version v ON v.id = l.version"
            " WHERE l.artifact = ?1 AND l.number = ?2 AND v.artifact = ?1"
        )
        for edit in db.execute(edits, version).fetchall():
            if edit not in seen:
                seen.add(edit)
                pending.append(edit)
    return heads


#: Of all that the record names, and of some of it: each looks at no more than it enters.
_EDGES = (
    "INSERT OR IGNORE INTO edge (parent, child, content)"
    " SELECT l.artifact, a.id, l.content FROM artifact a JOIN lineage l ON l.version = a.basis"
    f" WHERE a.id = ? AND NOT {SOME_OF_IT}",
    "INSERT OR IGNORE INTO edge (parent, child, content)"
    " SELECT l.artifact, a.id, l.content FROM artifact a"
    f" CROSS JOIN judged j ON {JUDGED_HEAD} CROSS JOIN json_each(j.parents) w"
    " CROSS JOIN lineage l ON l.version = j.collection AND l.position = w.value WHERE a.id = ?",
)


def _renew_edges(db: sqlite3.Connection, artifacts: set[int]) -> None:
    db.executemany("DELETE FROM edge WHERE child = ?", ((artifact,) for artifact in artifacts))
    of_many = on_themselves(db, artifacts)
    by_several = {artifact for artifact, _ in of_many}
    for statement in _EDGES:
        alone = (artifact for artifact in artifacts if artifact not in by_several)
        db.executemany(statement, ((artifact,) for artifact in alone))
    for artifact, number in of_many:
        db.executemany(
            "INSERT OR IGNORE INTO edge (parent, child, content) VALUES (?, ?, ?)",
            [
                (each.parent, artifact, each.content)
                for each in basis_of(db, artifact, number).edges
            ],
        )
