"""Sealing the audit envelope of a new version, and reading a sealed one back with all checks."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from cineforge.model.canonical import canonical_json, digest_bytes, parsed_json
from cineforge.model.errors import CineForgeError, StoreDamaged, VersionClosed
from cineforge.model.metadata import (
    FINGERPRINT_FORMAT,
    ArtifactMetadata,
    AttachedFile,
    LineageEdge,
    Provenance,
    seal_of,
    seal_of_bytes,
    sealed_json,
)
from cineforge.model.refs import ArtifactRef
from cineforge.store.disk.safe_files import may_be_whole, read_regular
from cineforge.store.layout import DATA_FILE, META_FILE
from cineforge.store.versions.line_ends import require_line_ends

_UNSEALED = "sha256:" + "0" * 64
#: Where the lists begin that may name very many, and how each ends: in canonical JSON a line that is indented by one
#: begins with a key of the record's own, or ends what it holds.
_LISTS = (b'\n "gathered": [\n', b'\n "lineage": [\n')
_LIST_END = b"\n ],\n"
_ROLE = b'\n   "role": '
_STATED = tuple(Provenance.model_fields)
#: Of every record the same, and 2 KB: so all share it.
_FIELDS = set(ArtifactMetadata.model_fields)

#: How the mark begins that Git sets where two branches differ.
_CONFLICT = b"<<<<<<< "
_SEAL_KEY = b'\n "seal": "'
_SEAL_LINE = re.compile(rb'\n "seal": "(sha256:[0-9a-f]{64})",(?=\n)')
_CONTENT_LINE = re.compile(rb'\n "content": "(sha256:[0-9a-f]{64})",(?=\n)')
_DATA_LINE = re.compile(rb'\n "data_digest": "(sha256:[0-9a-f]{64})",(?=\n)')


@dataclass(frozen=True)
class SealedMetadata:
    """A metadata record and the exact bytes of its `meta.json`."""

    metadata: ArtifactMetadata
    content: bytes


def seal_metadata(
    provenance: Provenance,
    *,
    ref: ArtifactRef,
    lineage: Sequence[LineageEdge],
    created_at: datetime,
    data_digest: str,
    files: tuple[AttachedFile, ...],
    content: str,
    reproduces: int | None,
) -> SealedMetadata:
    """Join what the maker states with what the store knows, and seal it."""
    stated = {name: getattr(provenance, name) for name in _STATED if name != "lineage"}
    unsealed = ArtifactMetadata(
        **stated,
        lineage=tuple(lineage),
        ref=ref,
        created_at=created_at,
        data_digest=data_digest,
        files=files,
        content=content,
        reproduces=reproduces,
        seal=_UNSEALED,
    )
    seal, raw = sealed_json(unsealed.model_dump(mode="json", exclude={"seal"}))
    fields = {**unsealed.__dict__, "seal": seal}
    return SealedMetadata(ArtifactMetadata.model_construct(_FIELDS, **fields), raw)


def parse_metadata(path: Path) -> ArtifactMetadata:
    """Read a `meta.json` without checking its seal. Raises StoreDamaged when it cannot be read as one."""
    raw = b""
    try:
        raw = read_regular(path)
        return ArtifactMetadata.model_validate_json(raw)
    except OSError as error:
        raise unreadable_file(path, error) from error
    except ValidationError as error:
        raise _no_record(path, raw, error) from error


def read_sealed(folder: Path, ref: ArtifactRef) -> ArtifactMetadata:
    """Read the metadata of a version and check its seal. Raises StoreDamaged."""
    path = folder / META_FILE
    try:
        if folder.is_symlink():
            raise StoreDamaged(_damage(folder, "it is a symbolic link"))
        raw = read_regular(path)
    except OSError as error:
        raise unreadable_file(path, error) from error
    metadata = parse_sealed(raw, path)
    if metadata.ref != ref:
        raise StoreDamaged(_damage(path, f"it is the record of {metadata.ref}, not of {ref}"))
    return metadata


def read_sealed_in_brief(folder: Path, ref: ArtifactRef, parents: int) -> ArtifactMetadata:
    """The same; of a version that was made from more than so many, without naming these and what was gathered."""
    raw = sealed_bytes(folder, ref)
    if raw is not None and raw.count(_ROLE) > parents:
        for start in _LISTS:
            before, found, rest = raw.partition(start)
            if found:
                raw = before + start.rstrip() + b"],\n" + rest.partition(_LIST_END)[2]
        with suppress(ValidationError):
            return ArtifactMetadata.model_validate_json(raw)
    return read_sealed(folder, ref)


def content_and_seal(folder: Path, ref: ArtifactRef) -> tuple[str, str]:
    """A version's content and seal as its record has them, checked as `read_sealed` does. Raises StoreDamaged.

    Where thousands of parents are sealed, a record is not parsed for that.
    """
    raw = sealed_bytes(folder, ref)
    if raw is not None:
        contents, seal = _CONTENT_LINE.findall(raw), _SEAL_LINE.search(raw)
        if len(contents) == 1 and seal is not None:
            return contents[0].decode(), seal[1].decode()
    metadata = read_sealed(folder, ref)
    return metadata.content, metadata.seal


def sealed_bytes(folder: Path, ref: ArtifactRef) -> bytes | None:
    """The record of a version as it is on the disk; None when it is not, to the byte, what was sealed as this one's."""
    try:
        raw = b"" if folder.is_symlink() else read_regular(folder / META_FILE)
    except OSError:
        return None
    return raw if _ref_lines(ref) in raw and _seal_borne_by(raw) else None


def sealed_payload(folder: Path, ref: ArtifactRef) -> bytes | None:
    """The payload of a version; None when it or the record is not, to the byte, what was sealed."""
    record = sealed_bytes(folder, ref)
    digests = _DATA_LINE.findall(record or b"")
    try:
        raw = read_regular(folder / DATA_FILE) if len(digests) == 1 else b""
    except OSError:
        return None
    return raw if raw and digest_bytes(raw) == digests[0].decode() else None


def payload_as_sealed(folder: Path, ref: ArtifactRef) -> bytes:
    """The bytes of a version's payload, record and digest checked. Raises StoreDamaged."""
    raw = sealed_payload(folder, ref)
    return checked_payload(folder, read_sealed(folder, ref)) if raw is None else raw


def _seal_borne_by(raw: bytes) -> str | None:
    """The seal of a record, if all but its one line is, to the byte, what was given it.

    Looked for by its key: a pattern takes ten times as long, and records may be long.
    """
    line = _SEAL_LINE.match(raw, raw.find(_SEAL_KEY)) if raw.count(_SEAL_KEY) == 1 else None
    if line is None:
        return None
    seal = line[1].decode()
    return seal if seal_of_bytes(raw[: line.start()] + raw[line.end() :]) == seal else None


def _ref_lines(ref: ArtifactRef) -> bytes:
    """How a record names its version. In canonical JSON a line that is indented by one begins with a key of its own."""
    entity = "null" if ref.entity_id is None else f'"{ref.entity_id}"'
    return (
        f'\n "ref": {{\n  "artifact_type": "{ref.artifact_type}",\n  "entity_id": {entity},\n'
        f'  "version": {ref.version}\n }},\n'
    ).encode()


def parse_sealed(raw: bytes, path: Path) -> ArtifactMetadata:
    """Read the bytes of a `meta.json` and check their seal. Raises StoreDamaged, naming `path`.

    The seal is computed from the bytes as they are, not from the parsed model: so a later program that
    knows more fields still finds the seals of old records right.
    """
    try:
        metadata = ArtifactMetadata.model_validate_json(raw)
        if _seal_borne_by(raw) == metadata.seal:
            return metadata
        fields: dict[str, Any] = parsed_json(raw)
        untouched = canonical_json(fields) == raw
        seal = fields.pop("seal")
        untouched = untouched and seal_of(fields) == seal
    except (ValueError, CineForgeError) as error:
        newer = _newer_format(raw)
        if newer is not None:
            raise StoreDamaged(
                f"{path} was written by a later release of CineForge: its fingerprint is of format {newer}, and"
                f" this release knows formats up to {FINGERPRINT_FORMAT}. Update CineForge."
            ) from error
        raise _no_record(path, raw, error) from error
    if not untouched:
        require_line_ends(path, raw, lambda fixed: _is_sealed(fixed, seal))
        raise StoreDamaged(_damage(path, "its bytes do not match its seal"))
    return metadata


def _newer_format(raw: bytes) -> int | None:
    """The format of the fingerprint in a record that cannot be read, if only a later release knows it."""
    try:
        found = json.loads(raw)["fingerprint"]["format"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    return found if isinstance(found, int) and found > FINGERPRINT_FORMAT else None


def _is_sealed(raw: bytes, seal: object) -> bool:
    fields = json.loads(raw)
    return canonical_json(fields) == raw and seal_of(_unsealed(fields)) == seal


def _unsealed(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name != "seal"}


def checked_payload(folder: Path, metadata: ArtifactMetadata) -> bytes:
    """The bytes of a version's payload, compared with its sealed digest. Raises StoreDamaged."""
    path = folder / DATA_FILE
    try:
        raw = read_regular(path)
    except OSError as error:
        raise unreadable_file(path, error) from error
    if digest_bytes(raw) != metadata.data_digest:
        require_line_ends(path, raw, lambda fixed: digest_bytes(fixed) == metadata.data_digest)
        raise StoreDamaged(f"{path} does not match its seal: restore it from a backup or a clone")
    return raw


def unreadable_file(path: Path, error: OSError) -> StoreDamaged:
    """What to raise for a file of a version. One that is closed to this user may well be whole."""
    if may_be_whole(error):
        where = "its permissions" if isinstance(error, PermissionError) else "the disk"
        return VersionClosed(f"{path} cannot be read ({error.strerror}): look at {where}")
    return StoreDamaged(_damage(path, error.strerror or str(error)))


def _no_record(path: Path, raw: bytes, error: ValueError | CineForgeError) -> StoreDamaged:
    """What to tell of bytes that are no record."""
    if raw.startswith(_CONFLICT) or b"\n" + _CONFLICT in raw:
        return StoreDamaged(
            f"{path}: Git left a merge's conflict in it. Take all of this version from one side:\n"
            f"  git checkout --ours -- {shlex.quote(str(path.parent))}    (or --theirs)"
        )
    if isinstance(error, ValidationError):
        found = error.errors(include_url=False)[0]
        place = ".".join(map(str, found["loc"]))
        return StoreDamaged(_damage(path, f"{place}: {found['msg']}" if place else found["msg"]))
    return StoreDamaged(_damage(path, str(error)))


def _damage(path: Path, what: str) -> str:
    return f"{path} is damaged: {what}. Restore the version's folder from a backup or a clone."
