"""What a killed process left behind: declared batches are finished, staged leftovers swept."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path

from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.store.index.database import Index
from cineforge.store.index.queries.lookup import find_version
from cineforge.store.index.rebuild import find_artifacts, register_found, versions_on_disk
from cineforge.store.locking.owners import dead_owner, is_well_known, owner_files, staged_for, taken
from cineforge.store.publishing import journal
from cineforge.store.publishing.batch import Batch, abandon_if_lost, complete, pending_batches
from cineforge.store.publishing.registration import point_to_heads
from cineforge.store.versions import links


def recover(index: Index, project: Path) -> bool:
    """Settle the affairs of all dead owners; True when there were some. Those of the living are left alone.

    In a project that may only be read nothing can be settled: its index is as it was left.
    """
    if index.is_read_only:
        return False
    batches = index.read(lambda db: pending_batches(db, project))
    some_dead = False
    tokens = owner_files(project)
    for owner in tokens:
        with dead_owner(project, owner) as dead:
            if dead:
                some_dead = True
                # Read again under the lock: its last transaction may have ended after the first look.
                pending = index.read(lambda db: pending_batches(db, project))
                for batch in pending.get(owner, ()):
                    _finish(index, project, batch)
                published = journal.finish(project, owner)
                if is_well_known(project, owner):
                    find_again(index, project, published | staged_for(project, owner))
                else:
                    find_again(index, project, find_artifacts(project))
    if some_dead:
        links.sweep(project)
    # Someone removed the owner's file by hand: then nobody can be holding its lock.
    for owner in batches.keys() - set(tokens) - set(owner_files(project)):
        for batch in batches[owner]:
            _finish(index, project, batch)
    return some_dead


def leave_to_writers(index: Index, project: Path) -> bool:
    """Of who writes nothing: look into a copy of the index, and leave what the dead left to others; True when some are.

    SQLite cannot even read an index without writing beside it. What the dead published is found by looking at the
    folders; what they had declared is not renamed.
    """
    index.use_copy()
    return any(_is_dead(project, token) for token in owner_files(project))


def _is_dead(project: Path, token: str) -> bool:
    with taken(project, token) as dead:
        return dead


def _finish(index: Index, project: Path, batch: Batch) -> None:
    if not abandon_if_lost(index, project, batch):
        complete(index, project, batch)


def find_again(index: Index, project: Path, keys: Iterable[ArtifactKey]) -> None:
    """Register the versions of these artifacts that are on the disk and unknown to the index.

    A dead owner's log may have been cut short; after a power cut nothing is known of its last writes, so all
    artifacts are looked at. Jobs on other hosts do not write the index at all.
    """
    found = [version for key in keys for version in versions_on_disk(project, key)]
    unknown = index.read(lambda db: [each for each in found if find_version(db, each[0]) is None])
    if unknown:
        index.write(lambda db: _register(db, project, unknown))


def _register(
    db: sqlite3.Connection, project: Path, unknown: Sequence[tuple[ArtifactRef, Path]]
) -> None:
    register_found(db, project, unknown)
    point_to_heads(db, project, {ref.key for ref, _ in unknown})
