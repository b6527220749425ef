"""After versions were registered: heads, members, vanished flags, bases and health, brought up to date.

Each step looks only at what the ones before it changed, so the cost follows what depends on the new versions
and not the size of the project. A rebuild is the same work with everything changed at once.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain

from cineforge.store.index.health.basis import renew_bases
from cineforge.store.index.health.gathered_sets import renew_gatherings
from cineforge.store.index.health.propagate import propagate
from cineforge.store.index.health.vanished import renew_vanished
from cineforge.store.index.tables.columns import in_pieces
from cineforge.store.index.tables.records import Changes


@dataclass
class _Heads:
    """Artifacts whose head is another version now; of these, whose content or `made_for` differs too.

    `before` are the numbers that heads which moved had before, if any; `passed` got an older version than their head.
    """

    moved: set[int] = field(default_factory=set)
    content: set[int] = field(default_factory=set)
    made_for: set[int] = field(default_factory=set)
    before: dict[int, int] = field(default_factory=dict)
    passed: set[int] = field(default_factory=set)


def refresh(db: sqlite3.Connection, changes: Changes) -> None:
    """Make the derived state right again. Runs in the caller's write transaction.

    What it is given and finds is added to and handed on, not copied: it may be a hundred thousand artifacts.
    """
    heads = _renew_heads(db, changes.added)
    renamed = _renew_members(db, changes, heads.moved)
    flipped = renew_vanished(db, _either(renamed, heads.made_for))
    going_on = {each: n for each, n in heads.before.items() if each not in changes.several}
    bases = renew_bases(db, heads.moved, going_on, heads.passed, changes.judged)
    gatherers = renew_gatherings(db, bases, _either(heads.content, changes.naming), flipped)
    _renew_verdicts(db, _either(heads.moved, changes.assessed))
    changed = heads.moved
    for more in (changes.assessed, bases.renewed, gatherers):
        changed |= more - changed
    propagate(db, changed, heads.content)


def _either(many: set[int], more: set[int]) -> Iterable[int]:
    """What is in one of two sets, without making a third."""
    return chain(many, more - many)


#: Heads as they were, and the newest versions that there are now.
_MOVES = (
    "SELECT a.id, coalesce(a.number, 0), a.content, a.made_for, v.id, v.number, v.content, v.made_for"
    " FROM json_each(?) w CROSS JOIN artifact a ON a.id = w.value CROSS JOIN version v"
    " ON v.artifact = a.id AND v.number = (SELECT max(number) FROM version WHERE artifact = a.id)"
)


def _renew_heads(db: sqlite3.Connection, added: set[int]) -> _Heads:
    heads = _Heads()
    for piece in in_pieces(added):
        moves = []
        for artifact, number, content, made_for, *newest in db.execute(_MOVES, (piece,)):
            if newest[1] <= number:
                heads.passed.add(artifact)
                continue
            moves.append((*newest, artifact))
            if number:
                heads.before[artifact] = number
            if newest[2] != content:
                heads.content.add(artifact)
            if newest[3] != made_for:
                heads.made_for.add(artifact)
        db.executemany(
            "UPDATE artifact SET head = ?, number = ?, content = ?, made_for = ? WHERE id = ?",
            moves,
        )
        heads.moved.update(artifact for *_, artifact in moves)
    return heads


def _renew_members(db: sqlite3.Connection, changes: Changes, moved: set[int]) -> set[int]:
    """Note what the heads of collections name now; returns the members that came or went."""
    # Also what only an older version names, one that came in late or is read anew: no head may name it.
    renamed = changes.newly_named
    for collection, (_, members) in changes.members.items():
        if collection not in moved:
            continue
        before = {
            row[0]
            for row in db.execute(
                "SELECT member FROM named WHERE collection = ? AND now = 1", (collection,)
            )
        }
        for now, changed in ((0, before - members), (1, members - before)):
            db.executemany(
                "UPDATE named SET now = ? WHERE collection = ? AND member = ?",
                ((now, collection, member) for member in changed),
            )
            renamed |= changed - renamed
    return renamed


def _renew_verdicts(db: sqlite3.Connection, artifacts: Iterable[int]) -> None:
    """Attach to each head the latest assessment of exactly that version."""
    db.executemany(
        "UPDATE artifact SET (verdict, examined, confirmed) = ("
        " SELECT coalesce(max(verdict), 0), coalesce(max(examined <> '[]'), 0), 0"
        " FROM assessed WHERE assessed.artifact = artifact.id AND assessed.number = artifact.number"
        ") WHERE id = ?",
        ((artifact,) for artifact in artifacts),
    )
