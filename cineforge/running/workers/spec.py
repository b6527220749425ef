"""A call of a module, and the report of it: plain data that crosses the process border."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from cineforge.model.made_from import source_name
from cineforge.model.metadata import AttachedFile
from cineforge.model.module_result import Output
from cineforge.model.records.call_usage import Usage
from cineforge.recipes.json_schema.schema_check import ReadSchema
from cineforge.recipes.modules.module_code import PythonCode
from cineforge.recipes.resolved import Upgrades
from cineforge.running.workers.module_context.remembering import Memory
from cineforge.store import StagedPayload


@dataclass(frozen=True, slots=True)
class InputFile:
    """One input version: its ref as text, where its payload and attachments lie, and the content they must have.

    `files` are its attachments, or None when the record in the folder tells them. With `upgrades`, one whose record
    tells of an older version of its schema is lifted. A gathering call has thousands, so the folder is text: a path
    takes four times as much memory.
    """

    ref: str
    entity_id: str | None
    folder: str
    content: str
    files: tuple[AttachedFile, ...] | None = None
    upgrades: Upgrades | None = None


@dataclass(frozen=True)
class OutputContract:
    """What one output type must look like: `many`, the schema of the plan, and the contents of members that are there.

    Members whose content is in `known` (by entity id) are reported as unchanged and not written again. `called` is the
    module's own name for the type, where the recipe gives it another. `upgrades` lift what was made before.
    """

    artifact_type: str
    many: bool
    rules: ReadSchema
    known: Mapping[str | None, str] = field(default_factory=dict)
    called: str = ""
    upgrades: Upgrades | None = None

    @property
    def name(self) -> str:
        """What the module calls it."""
        return self.called or self.artifact_type


@dataclass(frozen=True)
class PreviousMembers:
    """The previous collection of a fan-out, by type and own id, as folders; and every id ever used.

    An output without an id of its own stands under `_`. `vanished` are the members of earlier collections that the
    previous one does not name: the last that a machine made of each.
    """

    folders: Mapping[str, Mapping[str, Path]] = field(default_factory=dict)
    used: Mapping[str, frozenset[str]] = field(default_factory=dict)
    vanished: Mapping[str, Mapping[str, Path]] = field(default_factory=dict)


@dataclass(frozen=True)
class JobSpec:
    """One call of one module. What it makes and what does not fit is kept in `unpublished`;
    `purse` is the id of the run whose budget it pays from."""

    project: Path
    owner: str
    stage: str
    entity: str | None
    attempt: int
    code: PythonCode
    params: Mapping[str, Any]
    sources: Mapping[str, Path]
    config: Mapping[str, Any]
    inputs: Mapping[str, tuple[InputFile, ...]]
    many_inputs: frozenset[str]
    outputs: tuple[OutputContract, ...]
    previous: PreviousMembers
    log: Path
    costs: Path
    scratch: Path
    instrument: bool
    pure: bool = False
    memory: Memory | None = None
    unpublished: Path | None = None
    secrets: frozenset[str] = frozenset()
    purse: str | None = None
    in_batch: bool = False

    @property
    def listing(self) -> Path:
        """Where a fan-out lists what it made. In the way of no other attempt, and swept with its scratch."""
        return self.scratch.with_name(f"{self.scratch.name}.made")

    @cached_property
    def names_read(self) -> frozenset[str]:
        """What members of a fan-out may say that they were made from."""
        found = set(self.inputs)
        for name, files in self.inputs.items():
            found.update(source_name(name, each.entity_id) for each in files if each.entity_id)
        return frozenset(found)

    @property
    def label(self) -> str:
        return self.stage if self.entity is None else f"{self.stage}/{self.entity}"


@dataclass(frozen=True)
class MadeOutput:
    """One artifact that a module made: staged on disk, or unchanged (`staged` is None)."""

    artifact_type: str
    entity_id: str | None
    content: str
    staged: StagedPayload | None
    said: Output


@dataclass(frozen=True)
class JobReport:
    """How a module call ended. `failure` is one clear message, or empty when all went well.

    With `budget_spent` it stopped before a paid call, and goes on with that when it is tried again.

    A worker lists what a fan-out made in the file `JobSpec.listing` instead, and sends how many are `listed`; for the
    run these are what is `made`, read from there piece by piece. `seconds` is what the call took.
    """

    made: Collection[MadeOutput] = ()
    listed: int | None = None
    failure: str = ""
    usage: Usage | None = None
    warnings: tuple[str, ...] = ()
    budget_spent: bool = False
    seconds: float = 0.0
