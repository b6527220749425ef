"""From a staging folder to a version: bytes to the disk, then one rename."""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from cineforge.model.errors import StoreDamaged, VersionExists
from cineforge.model.refs import ArtifactRef
from cineforge.store import layout
from cineforge.store.disk import durable, safe_files
from cineforge.store.disk.barrier import Barrier
from cineforge.store.publishing.sealing import Intent
from cineforge.store.versions import links


def is_whole(intent: Intent) -> bool:
    """Whether a staged payload is there to the last byte: after a power cut it may not be."""
    staged = [(layout.DATA_FILE, intent.metadata.data_digest)]
    staged += [(f"{layout.FILES_DIR}/{file.path}", file.digest) for file in intent.metadata.files]
    try:
        return all(durable.digest_file(intent.folder / name) == digest for name, digest in staged)
    except OSError:
        return False


def prepare(
    project: Path, intents: Sequence[Intent], barrier: Barrier | None = None
) -> list[Intent]:
    """Bring what is staged to the disk; returns it without what became a version before a crash.

    A `barrier` is of whoever staged it: all at once is synced by it where that is as good.
    """
    staged = [each for each in intents if _is_staged(project, each)]
    if barrier is None or not barrier.sync(3 * len(staged)):
        for intent in staged:
            for name in (layout.META_FILE, layout.DATA_FILE, "."):
                durable.sync_file(intent.folder / name)
    return staged


def _is_staged(project: Path, intent: Intent) -> bool:
    """Whether it is still to be renamed; its record is written anew if a power cut took it."""
    target = layout.version_dir(project, intent.metadata.ref)
    layout.require_inside(project, target.parent)
    if intent.folder.is_symlink():
        raise StoreDamaged(f"{intent.folder} is a symbolic link: nothing is published through it")
    if not intent.folder.is_dir():
        if target.is_dir():
            return False
        raise StoreDamaged(
            f"{intent.metadata.ref} was about to be published, but its folder {intent.folder} is gone: "
            f"delete {layout.INDEX} to give it up and keep the rest"
        )
    meta = intent.folder / layout.META_FILE
    if not intent.meta:
        return True
    if not _holds(meta, intent.meta):
        durable.write_bytes(meta, intent.meta)
    return True


def _holds(path: Path, content: bytes) -> bool:
    try:
        return safe_files.read_regular(path) == content
    except OSError:
        return False


def move_into_place(project: Path, intent: Intent) -> None:
    """Rename a prepared staging folder to its version. Raises VersionExists."""
    ref = intent.metadata.ref
    target = layout.version_dir(project, ref)
    # Looked at first, as a rename would replace an empty folder.
    if os.path.lexists(target):
        raise _appeared(ref, target)
    try:
        intent.folder.rename(target)
    except OSError as error:
        if error.errno in (errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR):
            raise _appeared(ref, target) from error
        raise
    # Links are disposable: something odd in their place is told by `ensure_ticket`, and stops no publication.
    with suppress(OSError):
        links.point_ticket(project, ref, ref.version)


def _appeared(ref: ArtifactRef, target: Path) -> VersionExists:
    return VersionExists(
        f"{target} appeared while {ref} was being published: do it again,"
        " or move the folder away if it was put there by hand"
    )


def sync_names(
    project: Path, intents: Sequence[Intent], barrier: Barrier | None = None, *, above: bool = False
) -> None:
    """Make the renames durable; with `above` also the names of the artifacts' own folders."""
    folders = {layout.artifact_dir(project, each.metadata.ref.key) for each in intents}
    if above:
        types = {folder.parent for folder in folders}
        folders |= types | {project / layout.ARTIFACTS, project}
    if barrier is None or not barrier.sync(len(folders)):
        for folder in folders:
            durable.sync_file(folder)
