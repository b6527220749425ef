"""Checking every byte of a version against its seal, and its parents against what it says of them."""

from __future__ import annotations

from pathlib import Path

from cineforge.model.errors import StoreDamaged
from cineforge.model.metadata import AttachedFile, content_digest
from cineforge.model.refs import ArtifactRef
from cineforge.store import layout
from cineforge.store.durable import digest_file
from cineforge.store.seal import parse_metadata, read_sealed


def verify_version(project: Path, folder: Path, ref: ArtifactRef) -> None:
    """Raise StoreDamaged for the first thing found wrong."""
    metadata = read_sealed(folder, ref)
    _check(folder / layout.DATA_FILE, metadata.data_digest)
    for file in metadata.files:
        _check(folder / layout.FILES_DIR / file.path, file.digest)
    if content_digest(metadata.data_digest, metadata.files) != metadata.content:
        raise StoreDamaged(f"{folder}: the content digest does not follow from the files")
    _check_no_others(folder, metadata.files)
    for edge in metadata.lineage:
        parent = parse_metadata(layout.version_dir(project, edge.ref) / layout.META_FILE)
        if parent.seal != edge.seal:
            raise StoreDamaged(
                f"{ref} was made from another {edge.ref} than the one that is there now: "
                "restore that version from a backup or a clone"
            )


def _check(path: Path, digest: str) -> None:
    try:
        found = digest_file(path)
    except OSError as error:
        raise StoreDamaged(f"{path} cannot be read: {error.strerror}") from error
    if found != digest:
        raise StoreDamaged(f"{path} does not match its seal: restore it from a backup or a clone")


def _check_no_others(folder: Path, files: tuple[AttachedFile, ...]) -> None:
    root = folder / layout.FILES_DIR
    known = {file.path for file in files}
    for path in sorted(root.rglob("*")) if root.is_dir() else ():
        name = path.relative_to(root).as_posix()
        if not path.is_dir() and name not in known:
            raise StoreDamaged(f"{path} was added after the version was sealed: move it away")
