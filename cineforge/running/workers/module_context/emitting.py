"""Members of a fan-out on disk before all are made: `artifacts/.remembered/<work>/emitted/`.

A member is a record, `<type>/<id>.json`, and its attached files, `files/<digest>`. What cannot be read as it was
written, or does not fit its schema any more, counts as not there.
"""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, JsonValue

from cineforge.model.canonical import canonical_json, digest_json
from cineforge.model.errors import CineForgeError
from cineforge.model.metadata import CostRecord, Digest
from cineforge.model.module_result import Output
from cineforge.model.names import check_segment
from cineforge.model.refs import Strict
from cineforge.model.secrets import data_without_secrets
from cineforge.running.workers.module_context.remembering import EMITTED, Memory
from cineforge.running.workers.spec import OutputContract
from cineforge.store import layout
from cineforge.store.disk import durable, safe_files
from cineforge.store.disk.replacing import replacing

_FILES = "files"


class EmittedRecord(Strict):
    """One member. `cost` was paid for it outside of remembered calls; `calls` are those of them it was made of."""

    format: Annotated[int, Field(ge=1, le=1)] = 1
    data: JsonValue
    said: dict[str, JsonValue]
    files: dict[str, Digest]
    cost: tuple[CostRecord, ...]
    calls: tuple[str, ...]
    version: Annotated[int, Field(ge=1)]


@dataclass(frozen=True)
class EmittedMember:
    """A member as it is given back: its files are where they lie."""

    record: EmittedRecord
    output: Output
    files: Mapping[str, Path]


class EmittedMembers:
    """Of one instance's work."""

    def __init__(self, project: Path, memory: Memory, secrets: frozenset[str]) -> None:
        self._project = project
        self._memory = memory
        self._secrets = secrets
        self._home = memory.folder / EMITTED

    def keep(
        self,
        artifact_type: str,
        own: str,
        output: Output,
        files: Mapping[str, Path],
        cost: tuple[CostRecord, ...],
        calls: tuple[str, ...],
    ) -> None:
        """Write a member down; it is on the disk when this returns. Raises CannotWrite, StoreDamaged."""
        home = self._home / artifact_type
        for folder in (home, self._home / _FILES):
            layout.require_inside(self._project, folder)
        with durable.explaining(home):
            durable.make_folder(home)
            named = {name: self._kept_file(path) for name, path in files.items()}
            record = EmittedRecord(
                data=json.loads(canonical_json(output.data)),
                said=output.model_dump(mode="json", exclude={"data", "files"}),
                files=named,
                cost=cost,
                calls=calls,
                version=self._memory.version,
            )
            text = record.model_dump(mode="json")
            text["cost"] = data_without_secrets(text["cost"], self._secrets)
            _write(home / f"{own}.json", canonical_json({"it": text, "digest": digest_json(text)}))
            durable.sync_file(home)

    def ids(self, contract: OutputContract) -> Iterator[str]:
        """The own ids of the members of a type that can be given back."""
        home = self._home / contract.artifact_type
        if home.is_symlink() or not home.is_dir():
            return
        for path in sorted(home.glob("*.json")):
            if self.member(contract, path.stem) is not None:
                yield path.stem

    def member(self, contract: OutputContract, own: str) -> EmittedMember | None:
        """One that can be given back; None when it must be made."""
        try:
            check_segment("member", own)
            record = _read(self._home / contract.artifact_type / f"{own}.json")
            files = {name: self._file(digest) for name, digest in record.files.items()}
            said: dict[str, Any] = {**record.said, "files": tuple(files)}
            output = Output.model_validate({"data": record.data, **said})
        except (OSError, ValueError, KeyError, TypeError, RecursionError, CineForgeError):
            return None
        memory = self._memory
        if memory.anew and record.version <= memory.made:
            return None
        return None if contract.rules.errors(output.data) else EmittedMember(record, output, files)

    def _kept_file(self, source: Path) -> str:
        digest = durable.digest_file(source)
        target = self._path(digest)
        if not target.exists() or durable.digest_file(target) != digest:
            durable.make_folder(target.parent)
            with replacing(target, _draft(target)) as fresh:
                shutil.copyfile(source, fresh)
                durable.sync_file(fresh)
            durable.sync_file(target.parent)
        return digest

    def _file(self, digest: str) -> Path:
        """An attached file. Raises OSError when it is not the one that was kept."""
        path = self._path(digest)
        if durable.digest_file(path) != digest:
            raise OSError(f"{path} was changed")
        return path

    def _path(self, digest: str) -> Path:
        return self._home / _FILES / digest.rpartition(":")[2]


def costs_of_emitted(memory: Memory) -> Iterator[tuple[CostRecord, ...]]:
    """What was paid, outside of remembered calls, for each member that can be given back."""
    for path in sorted((memory.folder / EMITTED).glob("*/*.json")):
        with suppress(OSError, ValueError, KeyError, TypeError, RecursionError, CineForgeError):
            record = _read(path)
            if not (memory.anew and record.version <= memory.made):
                yield record.cost


def _read(path: Path) -> EmittedRecord:
    """Raises OSError, ValueError or the like for what cannot be read as it was written."""
    found = json.loads(safe_files.read_regular(path))
    if digest_json(found["it"]) != found["digest"]:
        raise ValueError(f"{path} was changed")
    return EmittedRecord.model_validate_json(canonical_json(found["it"]))


def _draft(path: Path) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}")


def _write(path: Path, content: bytes) -> None:
    draft = _draft(path)
    with suppress(FileNotFoundError):
        draft.unlink()
    with replacing(path, draft) as fresh:
        safe_files.write_new(fresh, content, sync=True)
