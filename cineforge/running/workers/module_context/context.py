"""What a module may do besides reading its inputs: log, record costs, keep paid calls, emit members, attach files."""

from __future__ import annotations

import json
import logging
import shutil
import threading
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from cineforge.history.costs_file import append_cost
from cineforge.model.canonical import canonical_json
from cineforge.model.errors import (
    BudgetSpent,
    CineForgeError,
    InvalidPayload,
    ModuleFailed,
    suggestion,
)
from cineforge.model.metadata import CostRecord
from cineforge.model.module_result import Output
from cineforge.running.workers.module_context.members_at_work import MembersAtWork
from cineforge.running.workers.module_context.previous_members import previous_payloads
from cineforge.running.workers.module_context.purity import refuse
from cineforge.running.workers.module_context.remembering import call_name, remember, remembered
from cineforge.running.workers.spec import JobSpec
from cineforge.store.layout import require_inside

_T = TypeVar("_T")
#: So much of a key is told.
_KEY_SHOWN = 120


class ModuleContext:
    """What a module may know and do besides reading its inputs.

    `attempt` is 1 at first. `scratch` is an empty folder of this attempt's own, removed afterwards.
    `role_context` is None until roles exist.
    """

    role_context: None = None

    def __init__(self, spec: JobSpec, log: logging.Logger) -> None:
        self.stage = spec.stage
        self.entity_id = spec.entity
        self.attempt = spec.attempt
        self.log = log
        self.attachments: dict[str, Path] = {}
        self._spec = spec
        self._paying = threading.local()
        self._left_out: BudgetSpent | None = None
        self._members = MembersAtWork(spec)

    @cached_property
    def scratch(self) -> Path:
        """The folder, made when it is first asked for: most modules need none."""
        self._spec.scratch.mkdir(parents=True, exist_ok=True)
        return self._spec.scratch

    def source(self, param: str) -> Path:
        """The absolute path of a `format: source-file` parameter's file."""
        try:
            return self._spec.sources[param]
        except KeyError:
            raise ModuleFailed(
                f"parameter '{param}' is not a source file: {suggestion(param, list(self._spec.sources))}"
            ) from None

    def has_source(self, param: str) -> bool:
        """Whether the file of a `format: source-file` parameter is there; an `optional: true` one may not be."""
        return param in self._spec.sources

    def record_cost(
        self,
        *,
        model: str,
        input_tokens: int = 0,
        output_tokens: int = 0,
        estimated_cost_usd: float = 0.0,
    ) -> None:
        """Record one paid call as soon as it was made: it counts even when the module fails afterwards."""
        refuse("it records the cost of a call")
        call = CostRecord(
            model=model,
            input_tokens=input_tokens,
            output_tokens=output_tokens,
            estimated_cost_usd=float(estimated_cost_usd),
        )
        require_inside(self._spec.project, self._spec.costs.parent)
        append_cost(self._spec.costs, call)
        around = getattr(self._paying, "calls", ())
        for paid in around:
            paid.append(call)
        if not around:
            self._members.note_cost(call)

    def remember(self, key: str, call: Callable[[], _T]) -> _T:
        """What a paid call returns: plain JSON, or bytes. It is on the disk before this returns.

        When the same work is tried again, after a failure, a kill, or a payload that did not fit its schema, the same
        key gives it back and `call` is not called. `key` names the call within the work: its prompt, or its number. The
        costs of the call are to be recorded within it. A person who asks for the work anew gets new calls.

        When the budget is spent, `call` is not called, and the instance ends there: the next run goes on.
        """
        refuse("it remembers a paid call")
        memory, project = self._spec.memory, self._spec.project
        if memory is None:
            return call()
        name = call_name(key)
        self._members.note_call(name)
        found = remembered(memory, name)
        if found is not None:
            self.log.info("given back without paying: %s", key[:_KEY_SHOWN])
            self._members.give_back(found.cost, found.version)
            given: _T = found.result
            return given
        self.require_budget()
        result, paid = self._paid(call)
        try:
            plain: _T = result if isinstance(result, bytes) else json.loads(canonical_json(result))
        except InvalidPayload as error:
            self.log.error("%s returned %r", key[:_KEY_SHOWN], result)
            raise ModuleFailed(
                f"remember({key[:_KEY_SHOWN]!r}, ...): its call must return plain JSON or bytes: {error}"
            ) from None
        try:
            remember(project, memory, name, plain, paid, self._spec.secrets)
        except CineForgeError as error:
            # What was paid is not to be lost now: only, it would be paid again after a failure.
            self.log.warning("a paid call could not be remembered: %s", error)
        return plain

    def emit(self, artifact_type: str, own_id: str, output: Output) -> None:
        """Make one member of a fan-out durable: it is on the disk when this returns, and need not be returned.

        It is published with all others when the module has ended. If that fails before, the same work finds it in
        `emitted` when it is tried again. Raises ModuleFailed for what could not be published.
        """
        refuse("it makes a member durable")
        self._members.emit(artifact_type, own_id, output, self.attachments)

    def emitted(self, artifact_type: str) -> set[str]:
        """The own ids of the members of a type that were emitted, by earlier tries at the same work or by this one.

        They will be published with what is returned: make the others.
        """
        return self._members.ids(artifact_type)

    def require_budget(self) -> None:
        """End the instance here when the budget is spent: to be called before a paid call that is not remembered."""
        from cineforge.history.budgets import purse_of  # most workers never pay

        spec = self._spec
        purse = None if spec.purse is None else purse_of(spec.project, spec.purse)
        if purse is not None:
            try:
                purse.require_room()
            except BudgetSpent as error:
                self._left_out = error
                raise

    @property
    def members(self) -> MembersAtWork:
        """For whoever calls the module: what it emitted."""
        return self._members

    def require_in_budget(self) -> None:
        """For whoever calls the module. It may have caught the error, and made something of what it had."""
        if self._left_out is not None:
            raise self._left_out

    def _paid(self, call: Callable[[], _T]) -> tuple[_T, tuple[CostRecord, ...]]:
        """What a call returns, and what it recorded as paid. One call may lie in another."""
        paid: list[CostRecord] = []
        around = getattr(self._paying, "calls", ())
        self._paying.calls = (*around, paid)
        try:
            return call(), tuple(paid)
        finally:
            self._paying.calls = around

    def attach(self, name: str, source: Path | bytes) -> str:
        """Put a file (or bytes) aside under a name to list in `Output.files`; returns the name."""
        if name in self.attachments:
            raise ModuleFailed(f"'{name}' is attached twice: give each file a name of its own")
        target = self.scratch / "attached" / str(len(self.attachments))
        target.parent.mkdir(exist_ok=True)
        if isinstance(source, bytes):
            target.write_bytes(source)
        else:
            shutil.copyfile(source, target)
        self.attachments[name] = target
        return name

    def previous(self, artifact_type: str) -> dict[str, Any]:
        """The payloads of the previous collection's members of a type, by own id; empty at first.

        A single output beside the members stands under `_`.
        """
        return self._payloads(self._spec.previous.folders, artifact_type)

    def vanished(self, artifact_type: str) -> dict[str, Any]:
        """The last payloads of the members that the previous collection names no more, by own id."""
        return self._payloads(self._spec.previous.vanished, artifact_type)

    def used_ids(self, artifact_type: str) -> set[str]:
        """Every own id that a member of this type ever had, vanished ones included: never reuse one."""
        return set(self._spec.previous.used.get(self._type(artifact_type), frozenset()))

    def _payloads(self, folders: Mapping[str, Mapping[str, Path]], called: str) -> dict[str, Any]:
        name = self._type(called)
        made = (each for each in self._spec.outputs if each.artifact_type == name)
        return previous_payloads(folders.get(name, {}), next(made, None), self.log)

    def _type(self, name: str) -> str:
        """The type that the recipe gives what the module calls so."""
        return next((each.artifact_type for each in self._spec.outputs if each.name == name), name)
