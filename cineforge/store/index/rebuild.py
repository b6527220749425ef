"""The index made anew from the folders alone."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from cineforge.model.errors import CineForgeError, InvalidName, StoreDamaged, VersionClosed
from cineforge.model.metadata import ArtifactMetadata
from cineforge.model.names import is_collection
from cineforge.model.refs import ArtifactKey, ArtifactRef, lean_ref
from cineforge.store import layout
from cineforge.store.disk.safe_files import may_be_whole, read_regular
from cineforge.store.index.health.refresh import refresh
from cineforge.store.index.marks import read_marks
from cineforge.store.index.tables import clock, folder_times, numbers, origin, schema
from cineforge.store.index.tables.columns import to_microseconds
from cineforge.store.index.tables.records import Record, Registrar
from cineforge.store.versions.all_cores import on_all_cores
from cineforge.store.versions.payloads import known_payload, published_payload
from cineforge.store.versions.seal import parse_sealed


def rebuild(db: sqlite3.Connection, project: Path) -> list[Path]:
    """Fill the index from the version folders; returns those that could not be read as versions.

    Runs in the caller's transaction. Work in progress of live processes is kept. Raises sqlite3.DatabaseError for a
    file whose pages are damaged: what is written into it may not be what is read from it.
    """
    if db.execute("PRAGMA integrity_check(1)").fetchone() != ("ok",):
        raise sqlite3.DatabaseError("the index fails SQLite's own check")
    schema.clear_derived(db)
    # Before anything is read: what changes meanwhile is looked at once more.
    origin.keep_marks(db, read_marks(project))
    origin.make_known_anew(db)
    folder_times.remember(db, folder_times.survey(project).items())
    numbers.restore_reservations(db, project)
    origin.keep_marks(db, {origin.UNREAD: "", origin.CLOSED: ""})
    return register_found(db, project, list(find_versions(project)))


def register_found(
    db: sqlite3.Connection, project: Path, found: Sequence[tuple[ArtifactRef, Path]]
) -> list[Path]:
    """Register version folders that the index does not know; returns those that cannot be read as versions.

    One that only is not let be read now may be whole, and is remembered as that.
    """
    sealed = on_all_cores(project, [ref for ref, _ in found], sealed_text)
    registrar = Registrar(db)
    unreadable: list[Path] = []
    closed: list[Path] = []
    latest = 0
    for (ref, folder), text in zip(found, sealed, strict=True):
        try:
            record = _record(ref, folder, text)
        except VersionClosed:
            closed.append(folder)
            continue
        except (CineForgeError, ValueError):
            unreadable.append(folder)
            continue
        latest = max(latest, to_microseconds(record.metadata.created_at))
        registrar.add(record)
    refresh(db, registrar.changes)
    clock.advance(db, latest)
    for name, found_so in ((origin.UNREAD, unreadable), (origin.CLOSED, closed)):
        if found_so:
            first = found_so[0].relative_to(project / layout.ARTIFACTS).as_posix()
            origin.keep_marks(db, {name: first})
    return [*unreadable, *closed]


def sealed_text(project: Path, ref: ArtifactRef) -> str | None:
    """The record of a version, its seal checked; None when it is damaged, nothing when it may not be read.

    What a damaged record says (a time far ahead, another content) must not spread.
    """
    folder = layout.version_dir(project, ref)
    try:
        if folder.is_symlink():
            return None
        raw = read_regular(folder / layout.META_FILE)
    except OSError as error:
        return "" if may_be_whole(error) else None
    with suppress(CineForgeError, ValueError):
        if parse_sealed(raw, folder / layout.META_FILE).ref == ref:
            return raw.decode()
    return None


def can_be_registered(project: Path, ref: ArtifactRef) -> bool:
    """Whether a version is, by now, one that the index takes."""
    try:
        return bool(_record(ref, layout.version_dir(project, ref), sealed_text(project, ref)))
    except (CineForgeError, ValueError):
        return False


def _record(ref: ArtifactRef, folder: Path, text: str | None) -> Record:
    """What the index needs of one version. Raises StoreDamaged or InvalidPayload."""
    if text is None:
        raise StoreDamaged(f"{folder} cannot be read as a version")
    if not text:
        raise VersionClosed(f"{folder} may not be read")
    metadata = ArtifactMetadata.model_validate_json(text)
    # What names others must be as it was published. What somebody said is looked at when it is asked for, and a hold
    # whose payload was damaged still holds.
    if is_collection(ref.artifact_type):
        return Record(metadata, published_payload(ref, folder))
    return Record(metadata, known_payload(ref.key, folder))


def find_versions(project: Path) -> Iterator[tuple[ArtifactRef, Path]]:
    """Every version folder in the project. Anything else in the tree is none of ours and passed over."""
    for key in find_artifacts(project):
        yield from versions_on_disk(project, key)


def versions_on_disk(project: Path, key: ArtifactKey) -> Iterator[tuple[ArtifactRef, Path]]:
    """The version folders of one artifact."""
    # As text: a rebuild looks so at every version.
    home = f"{project}/{layout.ARTIFACTS}/{key.artifact_type}/{key.entity_dir}"
    for name in _folders(home):
        number = layout.version_number(name)
        if number is not None:
            yield lean_ref(key, number), Path(f"{home}/{name}")


def find_artifacts(project: Path) -> Iterator[ArtifactKey]:
    """Every artifact that has a folder."""
    root = f"{project}/{layout.ARTIFACTS}"
    for type_dir in _folders(root):
        for entity_dir in _folders(f"{root}/{type_dir}"):
            with suppress(InvalidName):
                yield layout.key_of(type_dir, entity_dir)


def _folders(parent: str) -> list[str]:
    """The sorted names of the folders in a folder."""
    try:
        with os.scandir(parent) as entries:
            return sorted(entry.name for entry in entries if _is_folder(entry))
    except FileNotFoundError:
        return []


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link into a folder that may not be read, such as a ticket
        return False
