"""Attached files: streamed into the staging folder, or linked to the version before when it has the same file."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from cineforge.model.canonical import DIGEST_TAG
from cineforge.model.errors import InvalidPayload, StoreDamaged
from cineforge.model.metadata import AttachedFile
from cineforge.model.refs import ArtifactKey
from cineforge.store import layout
from cineforge.store.disk import durable, safe_files
from cineforge.store.versions.seal import parse_metadata

_CHUNK = 1 << 20
#: A disk image may have holes; a larger one would fill the disk with zeros.
_LARGEST_HOLE = 64 << 30


@dataclass(frozen=True)
class EarlierFiles:
    """The attached files of an artifact's newest version on disk: by digest, and their sizes in bytes."""

    paths: dict[str, Path] = field(default_factory=dict)
    sizes: frozenset[int] = frozenset()


def earlier_files(project: Path, key: ArtifactKey) -> EarlierFiles:
    """What may be linked to. Looks at the folders alone, so that it works in any process."""
    folder = layout.artifact_dir(project, key)
    try:
        numbers = [layout.version_number(path.name) or 0 for path in folder.iterdir()]
        newest = folder / layout.version_name(max(numbers, default=0))
        files = parse_metadata(newest / layout.META_FILE).files
    except (OSError, StoreDamaged):
        return EarlierFiles()
    paths = {file.digest: newest / layout.FILES_DIR / file.path for file in files if file.size}
    return EarlierFiles(paths, frozenset(file.size for file in files if file.size))


def attach(folder: Path, name: str, source: Path | bytes, earlier: EarlierFiles) -> AttachedFile:
    """Bring one file durably into a staging folder. Raises InvalidPayload for a source that is no plain file.

    A file that the version before has too takes no room: published files are never written, so both can share it.
    """
    target = folder / layout.FILES_DIR / name
    durable.make_folder(target.parent)
    attached = _linked(target, name, source, earlier) or _copied(target, name, source)
    durable.sync_file(target.parent)
    return attached


def _linked(
    target: Path, name: str, source: Path | bytes, earlier: EarlierFiles
) -> AttachedFile | None:
    """Link to the same file of the version before; None when it has none, or the disk does not do that."""
    if _size(source) not in earlier.sizes:
        return None
    found = hashlib.sha256()
    size = 0
    for chunk in _chunks(name, source):
        found.update(chunk)
        size += len(chunk)
    digest = DIGEST_TAG + found.hexdigest()
    path = earlier.paths.get(digest)
    with suppress(OSError):
        # Read again: damage on the disk must not spread into a version whose source was in order.
        if path is not None and durable.digest_file(path) == digest:
            os.link(path, target, follow_symlinks=False)
            return AttachedFile(path=name, digest=digest, size=size)
    return None


def _copied(target: Path, name: str, source: Path | bytes) -> AttachedFile:
    digest = hashlib.sha256()
    size = 0
    with target.open("xb") as file:
        for chunk in _chunks(name, source):
            digest.update(chunk)
            size += len(chunk)
            file.write(chunk)
        file.flush()
        os.fchmod(file.fileno(), durable.READ_ONLY)
        os.fsync(file.fileno())
    return AttachedFile(path=name, digest=DIGEST_TAG + digest.hexdigest(), size=size)


def _size(source: Path | bytes) -> int:
    if isinstance(source, bytes):
        return len(source)
    try:
        return source.lstat().st_size
    except OSError:
        return -1  # `_chunks` tells what is the matter


def _chunks(name: str, source: Path | bytes) -> Iterator[bytes]:
    """The source piece by piece: an attachment may be larger than memory."""
    if isinstance(source, bytes):
        yield source
        return
    try:
        # NOFOLLOW: a link planted by a module must not bring in a file from elsewhere; NONBLOCK: nor a pipe hang us.
        descriptor = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise InvalidPayload(
            f"attached file {name!r} cannot be read from {source}: {error.strerror}. Give a real file, not a link."
        ) from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise InvalidPayload(f"attached file {name!r}: {source} is not a regular file")
    if safe_files.is_hole(os.fstat(descriptor), _LARGEST_HOLE):
        os.close(descriptor)
        raise InvalidPayload(
            f"attached file {name!r}: {source} is nearly all a hole: is it the right file?"
        )
    with os.fdopen(descriptor, "rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk
