"""What a killed process left behind: declared batches are finished, staged leftovers swept."""

from __future__ import annotations

from pathlib import Path

from cineforge.store import links
from cineforge.store.index.database import Index
from cineforge.store.owners import dead_owner, owner_files
from cineforge.store.publish import Batch, abandon_if_lost, complete, pending_batches


def recover(index: Index, project: Path) -> None:
    """Settle the affairs of all dead owners. Those of the living are left alone."""
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
    if some_dead:
        links.sweep(project)
    # Someone removed the owner's file by hand: then nobody can be holding its lock.
    for owner in batches.keys() - set(tokens) - set(owner_files(project)):
        for batch in batches[owner]:
            _finish(index, project, batch)


def _finish(index: Index, project: Path, batch: Batch) -> None:
    if not abandon_if_lost(index, project, batch):
        complete(index, project, batch)
