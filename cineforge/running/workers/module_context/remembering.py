"""Paid calls on disk, from before their module goes on: `artifacts/.remembered/<work>/<key>.json`.

The work is all that the instance reads but for the schemas of what it makes: a result may still fit another one. What
cannot be read as it was written counts as not there; who deletes the folder pays again, and loses nothing else.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

from pydantic import AwareDatetime, Field, JsonValue

from cineforge.model.canonical import canonical_json, digest_json
from cineforge.model.errors import CineForgeError
from cineforge.model.metadata import CostRecord
from cineforge.model.refs import Strict
from cineforge.model.secrets import data_without_secrets
from cineforge.store import layout
from cineforge.store.disk import durable, safe_files
from cineforge.store.disk.replacing import replacing

#: There, the members of a fan-out, in a folder for each type and one for their attached files.
EMITTED = "emitted"


@dataclass(frozen=True)
class Memory:
    """Where the calls of one instance's work are remembered.

    `version` is the number planned for what it makes, and `made` that of its head: calls for numbers up to there have
    been paid for in a version. With `anew` a person asked for other results than those.
    """

    folder: Path
    version: int
    made: int
    anew: bool


class RememberedCall(Strict):
    """One call: what it returned (JSON, or bytes in base64), and what was paid in it for which version."""

    format: Annotated[int, Field(ge=1, le=1)] = 1
    value: JsonValue = None
    raw: str | None = None
    cost: tuple[CostRecord, ...] = ()
    version: Annotated[int, Field(ge=1)]
    at: AwareDatetime

    @property
    def result(self) -> Any:
        return self.value if self.raw is None else base64.b64decode(self.raw, validate=True)


def memory_folder(project: Path, works: Sequence[str]) -> Path:
    """The folder of a work, by its digest; by one under which earlier releases know it if only that is there."""
    folders = [project / layout.REMEMBERED / work.rpartition(":")[2] for work in works]
    return next((each for each in folders if each.is_dir()), folders[0])


def sweep_drafts(folder: Path) -> None:
    """Remove what a killed attempt at the same work was just writing."""
    if not os.path.lexists(folder):
        return
    # No deeper: a stranger may have nested thousands of folders there.
    emitted = folder / EMITTED
    folders = [] if emitted.is_symlink() else sorted(emitted.glob("*"))
    for place in (folder, *folders):
        if place.is_dir() and not place.is_symlink():
            for draft in place.glob(".*"):
                with suppress(OSError):
                    draft.unlink()


def call_name(key: str) -> str:
    """What stands for a key, however long it is, and whatever it holds."""
    return digest_json(key).rpartition(":")[2]


def remembered(memory: Memory, name: str) -> RememberedCall | None:
    """What is given back without paying for the key of this name; None when the call must be made."""
    path = _path(memory, name)
    try:
        record = json.loads(safe_files.read_regular(path))
        if digest_json(record["call"]) != record["digest"]:
            return None
        call = RememberedCall.model_validate_json(canonical_json(record["call"]))
        _ = call.result
    except (OSError, ValueError, KeyError, TypeError, RecursionError, binascii.Error):
        return None
    except CineForgeError:
        return None
    return None if memory.anew and call.version <= memory.made else call


def all_remembered(memory: Memory) -> Iterator[RememberedCall]:
    """Every call that can be given back."""
    for path in sorted(memory.folder.glob("*.json")):
        if (call := remembered(memory, path.stem)) is not None:
            yield call


def remember(
    project: Path,
    memory: Memory,
    name: str,
    result: Any,
    cost: tuple[CostRecord, ...],
    secrets: frozenset[str],
) -> None:
    """Write a call down; it is on the disk when this returns. Of its cost no secret is written.

    `result` is plain JSON, or bytes. Raises CannotWrite, StoreDamaged.
    """
    is_raw = isinstance(result, bytes)
    given = {"raw": base64.b64encode(result).decode()} if is_raw else {"value": result}
    call = RememberedCall(**given, cost=cost, version=memory.version, at=datetime.now(UTC))
    text = call.model_dump(mode="json")
    text["cost"] = data_without_secrets(text["cost"], secrets)
    path = _path(memory, name)
    layout.require_inside(project, path.parent)
    with durable.explaining(path):
        durable.make_folder(path.parent)
        # Two processes may do the same job, and a module may use threads: a draft for each.
        draft = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}")
        draft.unlink(missing_ok=True)
        with replacing(path, draft) as fresh:
            safe_files.write_new(
                fresh, canonical_json({"call": text, "digest": digest_json(text)}), sync=True
            )
        durable.sync_file(path.parent)


def _path(memory: Memory, name: str) -> Path:
    return memory.folder / f"{name}.json"
