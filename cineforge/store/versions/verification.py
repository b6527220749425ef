"""Checking every byte of a version against its seal, and its parents against what it says of them."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from cineforge.model.errors import StoreDamaged
from cineforge.model.metadata import AttachedFile, content_digest
from cineforge.model.refs import ArtifactRef
from cineforge.store import layout
from cineforge.store.disk import safe_files
from cineforge.store.disk.durable import READ_ONLY, digest_file
from cineforge.store.versions.line_ends import require_line_ends_of
from cineforge.store.versions.seal import checked_payload, read_sealed, unreadable_file

_WRITABLE = 0o222


class ParentDamaged(StoreDamaged):
    """A version is in order, but one that it was made from is damaged or gone."""


def damage_of(project: Path, ref: ArtifactRef, known: str | None = None) -> str | None:
    """What is wrong with a version itself, or None. Of a damaged parent the parent tells.

    `known` is the seal that it had, if it went or became another since.
    """
    folder = layout.version_dir(project, ref)
    try:
        layout.require_inside(project, folder.parent)
        is_there = folder.is_dir()
    except StoreDamaged as error:
        return str(error)
    except OSError as error:
        return str(unreadable_file(folder, error))
    if not is_there:
        return f"its folder {folder} is gone: restore it from a backup or a clone{_if_meant(known)}"
    try:
        verify_version(project, folder, ref)
        if known is not None and read_sealed(folder, ref).seal != known:
            return (
                f"{folder} is sealed, but another version than was known under this number:"
                f" restore it from a backup or a clone{_if_meant(known)}"
            )
    except ParentDamaged:
        return None
    except StoreDamaged as error:
        return str(error)
    except OSError as error:
        return str(unreadable_file(folder, error))
    return None


def look_over(project: Path, ref: ArtifactRef) -> tuple[str | None, bool]:
    """What is wrong with a version, or else whether it could be written to, which it cannot be any more."""
    what = damage_of(project, ref)
    return what, what is None and make_read_only(layout.version_dir(project, ref))


def _if_meant(known: str | None) -> str:
    return "" if known is None else ", or, if that is meant, forget it: cineforge reindex"


def make_read_only(folder: Path) -> bool:
    """Take the permission to write from a version's files; True when one had it. A clone keeps no such modes.

    Through no link: what one leads to is none of ours.
    """
    if folder.is_symlink():
        return False
    changed = False
    for path in _files(folder):
        with suppress(OSError):
            changed |= _take_write_permission(path)
    return changed


def _take_write_permission(path: Path) -> bool:
    # By its descriptor: the name may lead elsewhere a moment later.
    descriptor = safe_files.open_regular(path)
    try:
        if not os.fstat(descriptor).st_mode & _WRITABLE:
            return False
        os.fchmod(descriptor, READ_ONLY)
        return not os.fstat(descriptor).st_mode & _WRITABLE
    finally:
        os.close(descriptor)


def _files(folder: Path) -> Iterator[Path]:
    yield from (folder / layout.DATA_FILE, folder / layout.META_FILE)
    # Links to folders are named, and not gone into.
    yield from (Path(entry.path) for entry in _entries_in(folder / layout.FILES_DIR))


def _entries_in(folder: Path) -> Iterator[os.DirEntry[str]]:
    """All that is in a folder, and in those within, but folders themselves; a link is what it is."""
    if folder.is_symlink() or not folder.is_dir():
        return
    # A stranger may have nested thousands.
    pending = [os.fspath(folder)]
    while pending:
        with os.scandir(pending.pop()) as entries:
            found = sorted(entries, key=lambda each: each.name)
        yield from (entry for entry in found if not entry.is_dir(follow_symlinks=False))
        pending += [entry.path for entry in reversed(found) if entry.is_dir(follow_symlinks=False)]


def verify_version(project: Path, folder: Path, ref: ArtifactRef) -> None:
    """Raise StoreDamaged for the first thing found wrong; ParentDamaged when it is only with a parent."""
    metadata = read_sealed(folder, ref)
    _check_no_links(folder)
    checked_payload(folder, metadata)
    check_attached(folder, metadata.files)
    if content_digest(metadata.data_digest, metadata.files) != metadata.content:
        raise StoreDamaged(f"{folder}: the content digest does not follow from the files")
    _check_no_others(folder, metadata.files)
    for edge in metadata.lineage:
        try:
            seal = _seal_in(layout.version_dir(project, edge.ref), edge.ref)
        except StoreDamaged as error:
            raise ParentDamaged(f"{ref} was made from {edge.ref}: {error}") from error
        if seal != edge.seal:
            raise StoreDamaged(
                f"{ref} was made from another {edge.ref} than the one that is there now: "
                "restore that version from a backup or a clone"
            )


def check_attached(folder: Path, files: Iterable[AttachedFile]) -> None:
    """Raise StoreDamaged for the first of a version's attached files that is not what was sealed."""
    for file in files:
        _check(folder / layout.FILES_DIR / file.path, file)


def _seal_in(folder: Path, ref: ArtifactRef) -> str:
    """The seal of a version, its record checked. Raises StoreDamaged.

    A hundred thousand versions may have one parent: as long as its file is the same, it is read once.
    """
    try:
        found = os.lstat(folder / layout.META_FILE)
    except OSError:
        return read_sealed(folder, ref).seal
    return _seal_as_it_was(folder, ref, (found.st_ino, found.st_ctime_ns, found.st_size))


@functools.lru_cache(maxsize=1024)
def _seal_as_it_was(folder: Path, ref: ArtifactRef, file: tuple[int, ...]) -> str:
    del file  # by which it is another one
    return read_sealed(folder, ref).seal


def _check_no_links(folder: Path) -> None:
    """A link in a version folder is damage, wherever it leads: what is there may change unseen."""
    for entry in sorted(os.scandir(folder), key=lambda each: each.name):
        if entry.is_symlink():
            raise StoreDamaged(
                f"{entry.path} is a symbolic link: put what it stands for itself in its place"
            )


def _check(path: Path, file: AttachedFile) -> None:
    try:
        # Its size first: to read a huge hole to its end takes for ever.
        fits = os.lstat(path).st_size == file.size and digest_file(path) == file.digest
    except OSError as error:
        raise StoreDamaged(f"{path} cannot be read: {error.strerror}") from error
    if not fits:
        require_line_ends_of(path, file.digest)
        raise StoreDamaged(f"{path} does not match its seal: restore it from a backup or a clone")


def _check_no_others(folder: Path, files: tuple[AttachedFile, ...]) -> None:
    root = folder / layout.FILES_DIR
    known = {file.path for file in files}
    for entry in _entries_in(root):
        name = Path(entry.path).relative_to(root).as_posix()
        if name not in known:
            raise StoreDamaged(f"{entry.path} was added after the version was sealed: move it away")
