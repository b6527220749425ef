"""What stands in for a run when a module is called by a test: its context, and its inputs."""

from __future__ import annotations

import functools
import json
import logging
import shutil
import tempfile
import weakref
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from cineforge.history.costs_file import read_costs
from cineforge.model.canonical import canonical_json
from cineforge.model.metadata import CostRecord
from cineforge.model.module_result import ModuleResult, Output
from cineforge.model.names import NO_ENTITY
from cineforge.recipes.modules.module_code import PythonCode
from cineforge.running.workers.module_context.context import ModuleContext
from cineforge.running.workers.module_context.members_at_work import MembersAtWork
from cineforge.running.workers.module_context.module_inputs import Inputs, ModuleInput
from cineforge.running.workers.module_context.remembering import Memory
from cineforge.running.workers.spec import InputFile, JobSpec, OutputContract, PreviousMembers

_T = TypeVar("_T")
#: Payloads by artifact type and own id; an output that has no id of its own stands under `_`.
Members = Mapping[str, Mapping[str, Any]]


class FakeInput(ModuleInput):
    """An input with more than a payload: an entity id, a ref, attached files (a path, or bytes)."""

    def __init__(
        self,
        data: Any,
        *,
        entity_id: str | None = None,
        ref: str = "input@1",
        files: Mapping[str, Path | bytes] | None = None,
    ) -> None:
        self.ref = ref
        self.entity_id = entity_id
        self.data = as_published(data)
        folder = _temporary_folder(self) if files else Path()
        self.files = {
            name: _file(folder / name, content) for name, content in (files or {}).items()
        }


class FakeContext(ModuleContext):
    """The context of a run's module call, with what the call finds given here, and what it leaves kept to look at.

    `sources` are the files of the parameters of `format: source-file`. `previous` and `vanished` are what a fan-out
    made before, or the result of an earlier call; `used_ids` are further ids that were ever used, by type;
    `remembered` are results of paid calls that an earlier try had made, by key; `emitted` are members that it had
    emitted, by type and own id.
    """

    def __init__(
        self,
        entity_id: str | None = None,
        *,
        stage: str = "stage",
        attempt: int = 1,
        sources: Mapping[str, Path] | None = None,
        previous: Members | ModuleResult | None = None,
        vanished: Members | None = None,
        used_ids: Mapping[str, Collection[str]] | None = None,
        remembered: Mapping[str, Any] | None = None,
        emitted: Mapping[str, Mapping[str, Output]] | None = None,
    ) -> None:
        folder = _temporary_folder(self)
        self._log = _KeptLog()
        log = logging.Logger(f"cineforge.testing.{stage}", logging.DEBUG)
        log.parent = logging.getLogger()
        log.addHandler(self._log)
        super().__init__(_spec(folder, stage, entity_id, attempt), log)
        self._previous = _members(previous) if isinstance(previous, ModuleResult) else previous
        self._vanished = vanished
        self._used_ids = used_ids or {}
        self._earlier = emitted or {}
        for param, path in (sources or {}).items():
            self.give_source(param, path)
        #: What the paid calls that are remembered returned, by key: plain JSON, or bytes.
        self.remembered: dict[str, Any] = {}
        for key, result in (remembered or {}).items():
            self.remember(key, functools.partial(_same, result))

    @property
    def costs(self) -> tuple[CostRecord, ...]:
        """The paid calls that were recorded."""
        return read_costs(self._spec.costs)

    @property
    def attached(self) -> dict[str, bytes]:
        """The files that were attached, by name."""
        return {name: path.read_bytes() for name, path in self.attachments.items()}

    @property
    def logged(self) -> list[str]:
        """What was logged: `WARNING 2 scenes have no heading`."""
        return [f"{record.levelname} {record.getMessage()}" for record in self._log.records]

    @property
    def warnings(self) -> list[str]:
        """What a run would repeat at its end: the logged warnings."""
        in_log = self._log.records
        return [record.getMessage() for record in in_log if record.levelno == logging.WARNING]

    def give_source(self, param: str, path: Path) -> None:
        """Let a source-file parameter mean a file."""
        self._spec = replace(self._spec, sources={**self._spec.sources, param: path.absolute()})

    def remember(self, key: str, call: Callable[[], _T]) -> _T:
        result = super().remember(key, call)
        self.remembered[key] = result
        return result

    def expect(self, outputs: tuple[OutputContract, ...], inputs: Inputs) -> None:
        """Let the call read these inputs and make these outputs, some of which an earlier try has emitted.

        `call_module` does that.
        """
        read = {name: tuple(_files_of(given)) for name, given in inputs.items()}
        self._spec = replace(self._spec, outputs=outputs, inputs=read)
        self._members = MembersAtWork(self._spec)
        for name, members in self._earlier.items():
            for own, output in members.items():
                self._members.emit(name, own, output, self.attachments)
        self._members = MembersAtWork(self._spec)

    @property
    def names_read(self) -> Collection[str]:
        """What outputs may say that they were made from."""
        return self._spec.names_read

    def previous(self, artifact_type: str) -> dict[str, Any]:
        return _payloads(self._previous, artifact_type)

    def vanished(self, artifact_type: str) -> dict[str, Any]:
        return _payloads(self._vanished, artifact_type)

    def used_ids(self, artifact_type: str) -> set[str]:
        known = {*self.previous(artifact_type), *self.vanished(artifact_type)} - {NO_ENTITY}
        return known | set(self._used_ids.get(artifact_type, ()))


def _files_of(given: ModuleInput | dict[str, ModuleInput] | None) -> Iterator[InputFile]:
    """An input as a run hands it over, without the files themselves."""
    many = given.items() if isinstance(given, dict) else [(given.entity_id, given)] if given else []
    for entity, each in many:
        yield InputFile(each.ref, entity, "", "")


def _same(result: _T) -> _T:
    return result


class _KeptLog(logging.Handler):
    """Keeps what is logged."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


def _spec(folder: Path, stage: str, entity: str | None, attempt: int) -> JobSpec:
    return JobSpec(
        project=folder,
        owner="testing",
        stage=stage,
        entity=entity,
        attempt=attempt,
        code=PythonCode(folder, "", {}),
        params={},
        sources={},
        config={},
        inputs={},
        many_inputs=frozenset(),
        outputs=(),
        previous=PreviousMembers(),
        log=folder / "log",
        costs=folder / "costs.jsonl",
        scratch=folder / "scratch",
        instrument=False,
        memory=Memory(folder / "remembered", version=1, made=0, anew=False),
    )


def _temporary_folder(owner: object) -> Path:
    """A folder that is there as long as its owner is."""
    folder = Path(tempfile.mkdtemp(prefix="cineforge_testing_"))
    weakref.finalize(owner, shutil.rmtree, folder, ignore_errors=True)
    return folder


def _file(place: Path, content: Path | bytes) -> Path:
    if isinstance(content, Path):
        return content.absolute()
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content)
    return place


def _members(result: ModuleResult) -> Members:
    return {
        name: {NO_ENTITY: made.data}
        if isinstance(made, Output)
        else {own: output.data for own, output in result.many(name).items()}
        for name, made in result.outputs.items()
    }


def _payloads(members: Members | None, artifact_type: str) -> dict[str, Any]:
    known = (members or {}).get(artifact_type, {})
    return {own: as_published(payload) for own, payload in sorted(known.items())}


def as_published(payload: Any) -> Any:
    """A payload as whoever reads it gets it: a copy, of JSON. Raises InvalidPayload."""
    return json.loads(canonical_json(payload))
