"""What a batch has sealed so far, in as little memory as that takes: there may be a hundred thousand versions."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from cineforge.model.refs import ArtifactKey, ArtifactRef

#: A version's number, and the bytes of its two digests: content and seal.
_VERSION = struct.Struct(">I32s32s")
_DIGEST = "sha256:"


class SealedSoFar:
    """The versions of a batch by artifact, so that what one more costs does not grow with the batch."""

    def __init__(self) -> None:
        # By the artifact's name as one text, and each version as bytes: a third of what keys and digests take.
        self._versions: dict[str, bytes] = {}

    def add(self, ref: ArtifactRef, content: str, seal: str) -> None:
        name = _name(ref.key)
        packed = _VERSION.pack(ref.version, _packed(content), _packed(seal))
        self._versions[name] = self._versions.get(name, b"") + packed

    def of(self, key: ArtifactKey) -> Iterator[tuple[int, str, str]]:
        """The number, content and seal of each version of an artifact, in order."""
        for number, content, seal in _VERSION.iter_unpack(self._versions.get(_name(key), b"")):
            yield number, f"{_DIGEST}{content.hex()}", f"{_DIGEST}{seal.hex()}"


def _name(key: ArtifactKey) -> str:
    return f"{key.artifact_type}/{key.entity_dir}"


def _packed(digest: str) -> bytes:
    return bytes.fromhex(digest.removeprefix(_DIGEST))
