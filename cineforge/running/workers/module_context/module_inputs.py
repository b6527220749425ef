"""What a module reads: input versions, by the names of its manifest, their payloads checked when they are asked for."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from cineforge.model.canonical import digest_bytes
from cineforge.model.errors import ModuleFailed, StoreDamaged, suggestion
from cineforge.model.metadata import ArtifactMetadata, AttachedFile, content_digest
from cineforge.running.workers.lifting import lifted
from cineforge.running.workers.spec import InputFile
from cineforge.store import layout
from cineforge.store.disk.safe_files import read_regular
from cineforge.store.versions.seal import parse_metadata
from cineforge.store.versions.verification import check_attached

#: The parameters of a stage: the recipe's values over the manifest's defaults, checked against its schema.
Params = Mapping[str, Any]
#: The keys of the project's configuration that the manifest declares, as far as they are set.
ProjectValues = Mapping[str, Any]


class ModuleInput:
    """One input version, as a module sees it."""

    def __init__(self, file: InputFile) -> None:
        self.ref = file.ref
        self.entity_id = file.entity_id
        self._folder = file.folder
        self._known_files = file.files
        self._content = file.content
        self._upgrades = file.upgrades

    @cached_property
    def data(self) -> Any:
        """The payload, lifted if it is of an older version of its schema.

        Raises StoreDamaged when it is not what was published, ModuleFailed when it cannot be lifted.
        """
        raw = read_regular(Path(self._folder, layout.DATA_FILE))
        if content_digest(digest_bytes(raw), self._attached()) != self._content:
            raise self._changed()
        payload = json.loads(raw)
        # What a plan has made for a trial has no record, and is of today.
        if self._upgrades is None or self._known_files is not None:
            return payload
        return lifted(payload, self._record.schema_version, self._upgrades, self.ref)

    @cached_property
    def files(self) -> dict[str, Path]:
        """The attached files by name. They are read-only.

        Raises StoreDamaged when they are not those that were published.
        """
        attached = self._known_files
        if attached is None:
            attached = self._record.files
            if content_digest(self._record.data_digest, attached) != self._content:
                raise self._changed()
        check_attached(Path(self._folder), attached)
        root = Path(self._folder, layout.FILES_DIR)
        return {
            file.path: root / file.path for file in sorted(attached, key=lambda each: each.path)
        }

    def _changed(self) -> StoreDamaged:
        return StoreDamaged(
            f"the published {self.ref} was changed: restore it from a backup or a clone"
            " ('cineforge verify' names all that was)"
        )

    def _attached(self) -> tuple[AttachedFile, ...]:
        if self._known_files is not None:
            return self._known_files
        if not os.path.isdir(f"{self._folder}/{layout.FILES_DIR}"):  # noqa: PTH112  # of thousands
            return ()
        return self._record.files

    @cached_property
    def _record(self) -> ArtifactMetadata:
        return parse_metadata(Path(self._folder, layout.META_FILE))


class Inputs(dict[str, Any]):
    """What a module reads, by the names of its manifest's `inputs`.

    Each is a `ModuleInput`; with `many` a dict of them by entity id; an optional one that is not there is None, or an
    empty dict. `one`, `optional` and `many` give the same with its type known, and a clear error for another name.
    """

    def one(self, name: str) -> ModuleInput:
        """An input that takes one artifact. Raises ModuleFailed for one that is not there."""
        given = self.optional(name)
        if given is None:
            raise ModuleFailed(f"the input '{name}' is not there: ask for it by optional('{name}')")
        return given

    def optional(self, name: str) -> ModuleInput | None:
        """Like `one`, but None for an optional input that is not there."""
        given = self._declared(name)
        if isinstance(given, dict):
            raise ModuleFailed(f"the input '{name}' takes many: ask for it by many('{name}')")
        return given

    def many(self, name: str) -> dict[str, ModuleInput]:
        """An input that takes many artifacts, by entity id."""
        given = self._declared(name)
        if not isinstance(given, dict):
            raise ModuleFailed(
                f"the input '{name}' takes one artifact: ask for it by one('{name}')"
            )
        return given

    def _declared(self, name: str) -> ModuleInput | dict[str, ModuleInput] | None:
        try:
            given: ModuleInput | dict[str, ModuleInput] | None = self[name]
        except KeyError:
            raise ModuleFailed(
                f"the manifest declares no input '{name}': {suggestion(name, list(self))}"
            ) from None
        return given
