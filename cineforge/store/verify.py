"""Checking every byte of a version against its seal, and its parents against what it says of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from cineforge.model.errors import StoreDamaged
from cineforge.model.metadata import AttachedFile, content_digest
from cineforge.model.refs import ArtifactRef
from cineforge.store import layout
from cineforge.store.durable import READ_ONLY, digest_file
from cineforge.store.line_ends import require_line_ends_of
from cineforge.store.seal import read_sealed

_WRITABLE = 0o222


class ParentDamaged(StoreDamaged):
    """A version is in order, but one that it was made from is damaged or gone."""


def damage_of(project: Path, ref: ArtifactRef, known: str | None = None) -> str | None:
    """What is wrong with a version itself, or None. Of a damaged parent the parent tells.

    `known` is the seal that it had, if it went or became another since.
    """
    folder = layout.version_dir(project, ref)
    if not folder.is_dir():
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
    return None


def look_over(project: Path, ref: ArtifactRef) -> tuple[str | None, bool]:
    """What is wrong with a version, or else whether it could be written to, which it cannot be any more."""
    what = damage_of(project, ref)
    return what, what is None and make_read_only(layout.version_dir(project, ref))


def _if_meant(known: str | None) -> str:
    return "" if known is None else ", or, if that is meant, forget it: cineforge reindex"


def make_read_only(folder: Path) -> bool:
    """Take the permission to write from a version's files; True when one had it. A clone keeps no such modes."""
    changed = False
    for path in _files(folder):
        with suppress(OSError):
            if not path.is_symlink() and path.stat().st_mode & _WRITABLE:
                path.chmod(READ_ONLY)
                changed |= not path.stat().st_mode & _WRITABLE
    return changed


def _files(folder: Path) -> Iterator[Path]:
    yield from (folder / layout.DATA_FILE, folder / layout.META_FILE)
    yield from (path for path in (folder / layout.FILES_DIR).rglob("*") if path.is_file())


def verify_version(project: Path, folder: Path, ref: ArtifactRef) -> None:
    """Raise StoreDamaged for the first thing found wrong; ParentDamaged when it is only with a parent."""
    if (folder / layout.META_FILE).is_symlink():
        raise StoreDamaged(
            f"{folder / layout.META_FILE} is a symbolic link: put the file itself in its place"
        )
    metadata = read_sealed(folder, ref)
    _check(folder / layout.DATA_FILE, metadata.data_digest)
    for file in metadata.files:
        _check(folder / layout.FILES_DIR / file.path, file.digest)
    if content_digest(metadata.data_digest, metadata.files) != metadata.content:
        raise StoreDamaged(f"{folder}: the content digest does not follow from the files")
    _check_no_others(folder, metadata.files)
    for edge in metadata.lineage:
        try:
            parent = read_sealed(layout.version_dir(project, edge.ref), edge.ref)
        except StoreDamaged as error:
            raise ParentDamaged(f"{ref} was made from {edge.ref}: {error}") from error
        if parent.seal != edge.seal:
            raise StoreDamaged(
                f"{ref} was made from another {edge.ref} than the one that is there now: "
                "restore that version from a backup or a clone"
            )


def _check(path: Path, digest: str) -> None:
    if path.is_symlink():
        raise StoreDamaged(f"{path} is a symbolic link: put the file itself in its place")
    try:
        found = digest_file(path)
    except OSError as error:
        raise StoreDamaged(f"{path} cannot be read: {error.strerror}") from error
    if found != digest:
        require_line_ends_of(path, digest)
        raise StoreDamaged(f"{path} does not match its seal: restore it from a backup or a clone")


def _check_no_others(folder: Path, files: tuple[AttachedFile, ...]) -> None:
    root = folder / layout.FILES_DIR
    known = {file.path for file in files}
    for path in sorted(root.rglob("*")) if root.is_dir() else ():
        name = path.relative_to(root).as_posix()
        if not path.is_dir() and name not in known:
            raise StoreDamaged(f"{path} was added after the version was sealed: move it away")
