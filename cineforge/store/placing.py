"""From a staging folder to a version: bytes to the disk, then one rename."""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from cineforge.model.errors import StoreDamaged, VersionExists
from cineforge.model.refs import ArtifactRef
from cineforge.store import durable, layout, links
from cineforge.store.declaration import Intent


def is_whole(intent: Intent) -> bool:
    """Whether a staged payload is there to the last byte: after a power cut it may not be."""
    staged = [(layout.DATA_FILE, intent.metadata.data_digest)]
    staged += [(f"{layout.FILES_DIR}/{file.path}", file.digest) for file in intent.metadata.files]
    try:
        return all(durable.digest_file(intent.folder / name) == digest for name, digest in staged)
    except OSError:
        return False


def prepare(project: Path, intent: Intent) -> bool:
    """Bring what is staged to the disk; False when it became a version before the crash."""
    target = layout.version_dir(project, intent.metadata.ref)
    layout.require_inside(project, target.parent)
    if not intent.folder.is_dir():
        if target.is_dir():
            return False
        raise StoreDamaged(
            f"{intent.metadata.ref} was about to be published, but its folder {intent.folder} is gone: "
            f"delete {layout.PRIVATE}/index.sqlite to give it up and keep the rest"
        )
    meta = intent.folder / layout.META_FILE
    if not meta.is_file() or meta.read_bytes() != intent.meta:
        durable.write_bytes(meta, intent.meta)
    for path in (meta, intent.folder / layout.DATA_FILE, intent.folder):
        durable.sync_file(path)
    return True


def place(project: Path, intent: Intent) -> None:
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


def sync_names(project: Path, intents: Sequence[Intent]) -> None:
    """Make the renames durable."""
    for key in {each.metadata.ref.key for each in intents}:
        durable.sync_file(layout.artifact_dir(project, key))
