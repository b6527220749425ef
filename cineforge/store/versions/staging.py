"""Bringing a payload and its files to disk, beside where they will be published."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from cineforge.model.canonical import canonical_json, digest_bytes
from cineforge.model.errors import InvalidName, InvalidPayload
from cineforge.model.metadata import AttachedFile, content_digest
from cineforge.model.refs import ArtifactKey, make_key
from cineforge.store import layout
from cineforge.store.disk import durable, safe_files
from cineforge.store.locking import owners
from cineforge.store.versions.attachments import EarlierFiles, attach, earlier_files

_MAX_NAME_BYTES = 255
#: Room is left for the project's own path: systems end at 4096, some at 1024.
_MAX_PATH_BYTES = 700


@dataclass(frozen=True)
class StagedPayload:
    """A payload and its files as they lie in a staging folder, waiting for `ArtifactStore.publish`.

    Staged `in_batch`, the name of the artifact's folder is not on the disk yet: publishing brings it there.
    """

    key: ArtifactKey
    folder: Path
    data_digest: str
    files: tuple[AttachedFile, ...]
    content: str
    in_batch: bool = False


def payload_bytes(data: Any) -> bytes:
    """The canonical bytes of a payload: plain JSON, or one of the project's own records."""
    return canonical_json(data.model_dump(mode="json") if isinstance(data, BaseModel) else data)


def content_of(data: Any) -> str:
    """The content digest that a version with this payload and no attached files would have."""
    return content_of_bytes(payload_bytes(data))


def content_of_bytes(payload: bytes) -> str:
    """The same with the canonical bytes of a payload."""
    return content_digest(digest_bytes(payload), ())


def digest_of(data: Any) -> str:
    """The digest that a payload's bytes would have on disk. Raises InvalidPayload."""
    return digest_bytes(payload_bytes(data))


def stage_payload(
    project: Path | str,
    key: ArtifactKey,
    data: Any,
    files: Mapping[str, Path | bytes],
    owner: str,
    *,
    in_batch: bool = False,
) -> StagedPayload:
    """Write a payload and its files into a new staging folder. Works in any process, without the index.

    Publishing makes the payload durable; attached files, which may be large, are so when this returns.

    A file that the artifact's newest version has too is linked, not copied.

    `owner` is the `ArtifactStore.owner` of the store that will publish it: when that store's process dies
    before, the folder is swept. Of what is staged `in_batch` the names of new artifacts' folders are brought to the
    disk when it is published: for all at once. Raises InvalidName, InvalidPayload, StoreDamaged for links leading
    outside, and CannotWrite when the disk is full.
    """
    return stage_bytes(project, key, payload_bytes(data), files, owner, in_batch=in_batch)


def stage_bytes(
    project: Path | str,
    key: ArtifactKey,
    content: bytes,
    files: Mapping[str, Path | bytes],
    owner: str,
    *,
    in_batch: bool = False,
) -> StagedPayload:
    """The same with the canonical bytes of a payload."""
    project = project if isinstance(project, Path) else Path(project)
    project = project.absolute()
    key = make_key(*key)
    if len(content) > safe_files.LIMIT:
        raise InvalidPayload(
            f"the payload of {key} has {len(content):,} bytes as JSON, and at most {safe_files.LIMIT:,} are kept:"
            " attach what is large as a file"
        )
    names = _checked_names(files)
    layout.require_inside(project, layout.artifact_dir(project, key))
    with durable.explaining(project):
        folder = owners.staging_folder(project, key, owner)
    try:
        with durable.explaining(project):
            _make(folder, sync=not in_batch)
            durable.write_bytes(folder / layout.DATA_FILE, content, in_batch=in_batch)
            earlier = earlier_files(project, key) if names else EarlierFiles()
            attached = tuple(attach(folder, name, files[name], earlier) for name in names)
    except BaseException:
        owners.remove_staging(folder)
        raise
    digest = digest_bytes(content)
    content_id = content_digest(digest, attached)
    return StagedPayload(key, folder, digest, attached, content_id, in_batch)


def _make(folder: Path, *, sync: bool) -> None:
    try:
        folder.mkdir()
    except FileNotFoundError:
        if sync:
            durable.make_folder(folder.parent)
        else:
            folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir()


def discard_payload(staged: StagedPayload) -> None:
    """Throw away a staged payload that will not be published."""
    if owners.is_staging(staged.folder.name):
        owners.remove_staging(staged.folder)


def _checked_names(files: Mapping[str, Path | bytes]) -> list[str]:
    """The names in order; raises InvalidName for any that could leave the folder or collide."""
    names = sorted(files)
    folded: dict[str, str] = {}
    for name in names:
        for segment in name.split("/"):
            if segment in ("", ".", "..") or not segment.isprintable() or "\\" in segment:
                raise InvalidName(
                    f"attached file {name!r} is not a plain relative path: use e.g. 'board/page_1.png'"
                )
            if len(segment.encode("utf-8", "surrogatepass")) > _MAX_NAME_BYTES:
                raise InvalidName(f"attached file {name[:40]!r}...: a part of the name is too long")
        if len(name.encode("utf-8", "surrogatepass")) > _MAX_PATH_BYTES:
            raise InvalidName(f"attached file {name[:40]!r}...: the name is too long as a whole")
        other = folded.setdefault(_folded(name), name)
        if other != name:
            by_case = other.casefold() == name.casefold()
            alone = (
                "differ by case alone" if by_case else "have the same accents, written otherwise"
            )
            raise InvalidName(f"attached files {other!a} and {name!a} {alone}: rename one")
    for name in names:
        outer = _folded(name).rpartition("/")[0]
        while outer:
            if outer in folded:
                raise InvalidName(f"attached file {folded[outer]!r} is also the folder of {name!r}")
            outer = outer.rpartition("/")[0]
    return names


def _folded(name: str) -> str:
    """The name as disks see it that fold case, or how accents are written."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
