"""From a staging folder to a version: bytes to the disk, then one rename."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from cineforge.model.errors import StoreDamaged, VersionExists
from cineforge.model.refs import ArtifactRef
from cineforge.store import layout
from cineforge.store.disk import durable, safe_files
from cineforge.store.disk.barrier import MANY, Barrier
from cineforge.store.publishing.sealing import Intent, Move
from cineforge.store.versions import links


def is_whole(intent: Intent) -> bool:
    """Whether a staged payload is there to the last byte: after a power cut it may not be."""
    staged = [(layout.DATA_FILE, intent.metadata.data_digest)]
    staged += [(f"{layout.FILES_DIR}/{file.path}", file.digest) for file in intent.metadata.files]
    try:
        return all(durable.digest_file(intent.folder / name) == digest for name, digest in staged)
    except OSError:
        return False


def prepare(project: Path, moves: Iterable[Move], barrier: Barrier | None = None) -> set[Path]:
    """Bring what is staged to the disk; returns the folders that became versions before a crash.

    A `barrier` is of whoever staged it: all at once is synced by it where that is as good. `moves` may be many, and are
    gone through more than once.
    """
    inside = layout.Inside(project)
    count, done = 0, set()
    for move in moves:
        count += 1
        if not _is_staged(inside, move):
            done.add(move.folder)
    if barrier is None or not barrier.sync(3 * (count - len(done))):
        durable.sync_files(_files(move for move in moves if move.folder not in done))
    return done


def bring_to_disk(intents: Collection[Intent], barrier: Barrier | None) -> None:
    """Write the records of payloads that were just staged, and bring all of it to the disk."""
    together = barrier is not None and 3 * len(intents) >= MANY
    for intent in intents:
        durable.write_bytes(intent.folder / layout.META_FILE, intent.meta, in_batch=together)
    if barrier is None or not barrier.sync(3 * len(intents)):
        durable.sync_files(_files(intents))


def _files(moves: Iterable[Move]) -> Iterator[Path]:
    for move in moves:
        for name in (layout.META_FILE, layout.DATA_FILE, "."):
            yield move.folder / name


def _is_staged(inside: layout.Inside, intent: Move) -> bool:
    """Whether it is still to be renamed; its record is written anew if a power cut took it."""
    home = os.path.dirname(intent.folder)  # noqa: PTH120
    inside.require(home)
    try:
        mode = os.lstat(intent.folder).st_mode
    except FileNotFoundError:
        mode = 0
    if stat.S_ISLNK(mode):
        raise StoreDamaged(f"{intent.folder} is a symbolic link: nothing is published through it")
    if not stat.S_ISDIR(mode):
        if Path(home, layout.version_name(intent.ref.version)).is_dir():
            return False
        raise StoreDamaged(
            f"{intent.ref} was about to be published, but its folder {intent.folder} is gone: "
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


def move_into_place(project: Path, intent: Move) -> None:
    """Rename a prepared staging folder to its version. Raises VersionExists."""
    ref = intent.ref
    name = layout.version_name(ref.version)
    home = os.path.dirname(intent.folder)  # noqa: PTH120
    target = f"{home}/{name}"
    # Looked at first, as a rename would replace an empty folder.
    if os.path.lexists(target):
        raise _appeared(ref, target)
    try:
        intent.folder.rename(target)
    except OSError as error:
        if error.errno in (errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR):
            raise _appeared(ref, target) from error
        raise
    if not intent.ticket:
        return
    # Links are disposable: something odd in their place is told by `ensure_ticket`, and stops no publication.
    try:
        os.symlink(f"{name}/{layout.DATA_FILE}", f"{target}.json")  # noqa: PTH211
    except OSError:
        with suppress(OSError):
            links.point_ticket(project, ref, ref.version)


def _appeared(ref: ArtifactRef, target: str) -> VersionExists:
    return VersionExists(
        f"{target} appeared while {ref} was being published: do it again,"
        " or move the folder away if it was put there by hand"
    )


def sync_names(
    project: Path, moves: Collection[Move], barrier: Barrier | None = None, *, above: bool = False
) -> None:
    """Make the renames durable; with `above` also the names of the artifacts' own folders."""
    if barrier is not None and barrier.sync(len(moves)):
        return
    folders = {each.folder.parent for each in moves}
    if above:
        types = {folder.parent for folder in folders}
        folders |= types | {project / layout.ARTIFACTS, project}
    durable.sync_files(folders)
