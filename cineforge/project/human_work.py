"""A person's version of an artifact: checked like a machine's, linked to what it was made from, never replaced."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from cineforge.model.canonical import digest_bytes
from cineforge.model.errors import InvalidPayload, NotFound, suggestion
from cineforge.model.health import RESERVED_TYPES
from cineforge.model.metadata import EDITED_FROM, AttachedFile, Parent, Provenance, Source
from cineforge.model.names import is_collection
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.recipes.schema_registry import SchemaRegistry
from cineforge.store import ArtifactStore, digest_of
from cineforge.store.disk.durable import digest_file
from cineforge.store.layout import FILES_DIR

SHOWN = 8


def save_human_version(
    store: ArtifactStore,
    schemas: SchemaRegistry,
    key: ArtifactKey,
    data: Any,
    *,
    who: str,
    why: str,
    schema: str | None = None,
    edited_from: ArtifactRef | None = None,
    attach: Mapping[str, Path | bytes] | None = None,
    detach: Collection[str] = (),
    new: bool = False,
    only_after: ArtifactRef | None = None,
) -> ArtifactRef | None:
    """Save what a person made as the next version; None when it is what the head holds already.

    `edited_from` is the version it was made from; without it the head, if there is one. Its attached files are
    kept, but for those named in `attach` (with what takes their place) and in `detach`. `schema` is the name of the
    payload's schema; without it the type's own. Raises InvalidPayload with every place that does not fit, NotFound
    for a type without a schema and, unless it is `new`, for an artifact that is not there while others of its type
    are. With `only_after`, the head that the person has seen, HeadMoved when there is another one.
    """
    require_ordinary_type(key)
    name = schema or key.artifact_type
    if name not in schemas.names():
        raise NotFound(f"there is no type '{name}': {suggestion(name, schemas.names())}")
    head = store.head(key)
    if head is None and not new:
        _refuse_strangers(store, key)
    digest = digest_of(data)  # first, because schemas are for what is JSON at all
    errors = schemas.validate(name, data)
    if errors:
        more = [f"... and {len(errors) - SHOWN} more"] if len(errors) > SHOWN else []
        lines = "\n  ".join([*(f"{e.path}: {e.message}" for e in errors[:SHOWN]), *more])
        raise InvalidPayload(f"this is no valid {name}:\n  {lines}")
    origin = edited_from or head
    kept = _kept_files(store, origin, detach)
    attached = attach or {}
    if head is not None and origin == head:
        record = store.metadata(head)
        if record.data_digest == digest and _has_just(record.files, kept, attached):
            return None
    replaced = origin if origin is not None and origin.key == key else head
    said = Provenance(
        # It vanishes with the entity that the version before was made for.
        made_for=None if replaced is None else store.metadata(replaced).made_for,
        lineage=() if origin is None else (Parent(ref=origin, role=EDITED_FROM),),
        intent=f"made by {who}",
        rationale=why,
        source=Source.HUMAN,
        producing_role=who,
        schema_version=schemas.schema(name).version,
    )
    files: dict[str, Path | bytes] = {**kept, **attached}
    return store.save_artifact(
        key.artifact_type, key.entity_id, data, said, files=files, only_after=only_after
    )


def _has_just(
    files: Iterable[AttachedFile], kept: Collection[str], attached: Mapping[str, Path | bytes]
) -> bool:
    """Whether a version's files are those kept and those attached, to the byte."""
    there = {file.path: file for file in files}
    return there.keys() == {*kept, *attached} and all(
        _is_same(there[name], source) for name, source in attached.items()
    )


def _is_same(file: AttachedFile, source: Path | bytes) -> bool:
    if isinstance(source, bytes):
        return digest_bytes(source) == file.digest
    # What is no plain file is told when it is attached.
    is_plain = source.is_file() and not source.is_symlink()
    return is_plain and source.stat().st_size == file.size and digest_file(source) == file.digest


def require_ordinary_type(key: ArtifactKey) -> None:
    """Raise InvalidPayload for what people do not write themselves."""
    if key.artifact_type in RESERVED_TYPES or is_collection(key.artifact_type):
        raise InvalidPayload(
            f"'{key.artifact_type}' is kept by CineForge itself: edit what it is made from instead"
        )


def _refuse_strangers(store: ArtifactStore, key: ArtifactKey) -> None:
    known = [str(other) for other in store.list_artifacts(key.artifact_type)]
    if known:
        hint = suggestion(str(key), known, shown=SHOWN)
        raise NotFound(
            f"there is no '{key}' yet: {hint} To begin it all the same, say that it is new"
        )


def _kept_files(
    store: ArtifactStore, origin: ArtifactRef | None, detach: Collection[str]
) -> dict[str, Path | bytes]:
    """The attached files of the version that was edited, without those to be left off."""
    files = () if origin is None else store.metadata(origin).files
    names = {file.path for file in files}
    strange = sorted(set(detach) - names)
    if strange:
        raise NotFound(
            f"{origin} has no file '{strange[0]}': {suggestion(strange[0], sorted(names))}"
        )
    if origin is None:
        return {}
    folder = store.folder(origin) / FILES_DIR
    return {name: folder / name for name in names if name not in detach}
