"""The index made anew from the folders alone."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from cineforge.model.errors import CineForgeError, InvalidName
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.store import layout
from cineforge.store.index import schema
from cineforge.store.index.records import Record, Registrar, to_microseconds
from cineforge.store.index.settle import settle
from cineforge.store.payloads import known_payload
from cineforge.store.seal import parse_metadata


def rebuild(db: sqlite3.Connection, project: Path) -> list[Path]:
    """Fill the index from the version folders; returns those that could not be read as versions.

    Runs in the caller's transaction. Work in progress of live processes is kept.
    """
    schema.clear_derived(db)
    registrar = Registrar(db)
    unreadable: list[Path] = []
    latest = 0
    for ref, folder in find_versions(project):
        try:
            record = read_record(folder, ref)
        except CineForgeError:
            unreadable.append(folder)
            continue
        latest = max(latest, to_microseconds(record.metadata.created_at))
        registrar.add_all([record])
    settle(db, registrar.changes)
    db.execute(
        "INSERT INTO fact VALUES ('clock', ?) ON CONFLICT DO UPDATE SET value = max(value, excluded.value)",
        (latest,),
    )
    return unreadable


def read_record(folder: Path, ref: ArtifactRef) -> Record:
    """What the index needs of one version. Raises StoreDamaged or InvalidPayload."""
    metadata, _ = parse_metadata(folder / layout.META_FILE)
    if metadata.ref != ref:
        raise InvalidName(f"{folder} holds the record of {metadata.ref}")
    return Record(metadata, known_payload(ref.key, folder))


def find_versions(project: Path) -> Iterator[tuple[ArtifactRef, Path]]:
    """Every version folder in the project. Anything else in the tree is none of ours and passed over."""
    for key, folder in _find_artifacts(project):
        for path in _folders(folder):
            number = layout.version_number(path.name)
            if number is not None:
                ref = ArtifactRef(
                    artifact_type=key.artifact_type, entity_id=key.entity_id, version=number
                )
                yield ref, path


def _find_artifacts(project: Path) -> Iterator[tuple[ArtifactKey, Path]]:
    root = project / layout.ARTIFACTS
    for type_dir in _folders(root):
        for entity_dir in _folders(type_dir):
            try:
                key = layout.key_of(type_dir.name, entity_dir.name)
            except InvalidName:
                continue
            yield key, entity_dir


def _folders(parent: Path) -> list[Path]:
    try:
        with os.scandir(parent) as entries:
            return sorted(Path(entry.path) for entry in entries if entry.is_dir())
    except FileNotFoundError:
        return []
