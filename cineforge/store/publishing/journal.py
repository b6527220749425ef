"""A batch declared on disk instead of in the index, by a job that may not write the index.

The journal lies beside its owner's file: `artifacts/.live/owners/<token>.batch`. Once it is there, the batch counts as
published: whoever finds its owner dead does the renames that are left. The index learns of the versions as it does
of all that a dead owner staged.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from cineforge.model.errors import StoreDamaged, VersionExists
from cineforge.model.refs import ArtifactKey
from cineforge.store import layout
from cineforge.store.disk import durable
from cineforge.store.disk.replacing import replace_file
from cineforge.store.disk.safe_files import read_regular
from cineforge.store.locking import owners
from cineforge.store.publishing.renames import move_into_place, prepare, sync_names
from cineforge.store.publishing.sealing import Intent, read_intent


def publish_journalled(project: Path, owner: str, intents: Sequence[Intent]) -> None:
    """Publish a sealed batch, all or none, also if this process is killed. Raises VersionExists, CannotWrite."""
    with durable.explaining(project):
        prepare(project, intents)
        _write(project, owner, intents)
        _finish(project, intents)


def finish_dead(project: Path) -> None:
    """Do the renames that dead owners declared and did not come to; the index learns of them later."""
    for token in owners.owner_files(project):
        if owners.journal_path(project, token).exists():
            with owners.taken(project, token) as is_dead:
                if is_dead:
                    finish(project, token)


def finish(project: Path, owner: str) -> set[ArtifactKey]:
    """Do the renames of an owner's journal, if it left one; returns the artifacts that it names."""
    path = owners.journal_path(project, owner)
    try:
        declared = json.loads(read_regular(path))
    except (OSError, ValueError, RecursionError):
        # None, or torn by a power cut: then nothing of it was renamed. Or no journal at all.
        return set()
    intents = []
    for each in declared if isinstance(declared, list) else ():
        # What makes no sense, or names another place than its own, is nobody's journal.
        with suppress(StoreDamaged, ValueError, TypeError, AttributeError):
            folder, meta = each
            intents.append(read_intent(project, owner, folder, meta.encode(), path))
    for intent in intents:
        # One that another attempt published first, or that a power cut took, is nobody's loss but its own.
        with suppress(StoreDamaged, VersionExists), durable.explaining(project):
            _finish(project, [intent])
    return {each.metadata.ref.key for each in intents}


def _write(project: Path, owner: str, intents: Sequence[Intent]) -> None:
    path = owners.journal_path(project, owner)
    declared = [
        [each.folder.relative_to(project).as_posix(), each.meta.decode()] for each in intents
    ]
    replace_file(path, json.dumps(declared), sync=True, draft=path.with_suffix(".draft"))
    durable.sync_file(path.parent)


def _finish(project: Path, intents: Sequence[Intent]) -> None:
    for intent in intents:
        layout.require_inside(project, intent.folder)
    done = prepare(project, intents)
    for intent in intents:
        if intent.folder not in done:
            move_into_place(project, intent)
    sync_names(project, intents, above=True)
