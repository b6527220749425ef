"""What one attempt emits of a fan-out's members, and what it takes of earlier ones."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path

from cineforge.history.costs_file import GivenBack, append_given_back
from cineforge.model.errors import ModuleFailed, suggestion
from cineforge.model.metadata import CostRecord
from cineforge.model.module_result import ModuleResult, Output
from cineforge.running.workers.check import checked_outputs
from cineforge.running.workers.module_context.emitting import EmittedMember, EmittedMembers
from cineforge.running.workers.module_context.remembering import remembered
from cineforge.running.workers.spec import JobSpec, OutputContract
from cineforge.running.workers.unpublished import Unpublished
from cineforge.store.layout import require_inside

#: An output's type, as its contract has it, and the member's own id.
_Place = tuple[str, str]


class MembersAtWork:
    """Of one attempt. Modules may use threads."""

    def __init__(self, spec: JobSpec) -> None:
        self._spec = spec
        self._lock = threading.Lock()
        #: What was paid and remembered since the last member was emitted.
        self._costs: list[CostRecord] = []
        self._calls: list[str] = []
        self._asked: set[str] = set()
        self._emitted: dict[_Place, None] = {}
        self._taken: dict[_Place, None] = {}
        self._files: dict[_Place, Mapping[str, Path]] = {}
        #: All attached files of the members that were given out by `with_emitted`, by name.
        self.files: dict[str, Path] = {}

    def note_cost(self, call: CostRecord) -> None:
        """A call was paid outside of any remembered one."""
        with self._lock:
            self._costs.append(call)

    def note_call(self, name: str) -> None:
        """A remembered call was asked for."""
        with self._lock:
            self._calls.append(name)
            self._asked.add(name)

    def give_back(self, cost: Sequence[CostRecord], version: int) -> None:
        """Write down what need not be paid again."""
        memory = self._spec.memory
        if cost and memory is not None:
            require_inside(self._spec.project, self._spec.costs.parent)
            given = GivenBack(given_back=tuple(cost), unpublished=version > memory.made)
            append_given_back(self._spec.costs, given)

    def emit(self, name: str, own: str, output: Output, attachments: Mapping[str, Path]) -> None:
        """Keep a member. Raises ModuleFailed, CannotWrite."""
        contract = self._contract(name)
        place = contract.artifact_type, own
        self._require_fit(contract, own, output, attachments)
        with self._lock:
            if place in self._emitted:
                raise ModuleFailed(
                    f"{name}/{own} is emitted twice: give each member an id of its own"
                )
            cost, self._costs = tuple(self._costs), []
            calls, self._calls = tuple(dict.fromkeys(self._calls)), []
            self._emitted[place] = None
        files = {each: attachments[each] for each in output.files}
        self._kept.keep(contract.artifact_type, own, output, files, cost, calls)

    def ids(self, name: str) -> set[str]:
        """The members of a type that are there. Who asks takes them. Raises ModuleFailed."""
        contract = self._contract(name)
        found = {own for kind, own in self._emitted if kind == contract.artifact_type}
        if self._spec.memory is not None:
            found.update(self._kept.ids(contract))
        with self._lock:
            self._taken.update(dict.fromkeys((contract.artifact_type, own) for own in found))
        return found

    def with_emitted(self, result: object) -> object:
        """What a module returned, with the members that it emitted, or took, before all others."""
        if not isinstance(result, ModuleResult) or not (self._emitted or self._taken):
            return result
        outputs = dict(result.outputs)
        for contract in self._spec.outputs:
            owns = sorted(
                own
                for kind, own in {**self._taken, **self._emitted}
                if kind == contract.artifact_type
            )
            returned = outputs.get(contract.name, {})
            if owns and not isinstance(returned, Output):
                others = iter(returned.items()) if isinstance(returned, dict) else returned
                outputs[contract.name] = chain(self._members(contract, owns), others)
        return result.model_copy(update={"outputs": outputs})

    def files_of(self, contract: OutputContract, entity: str | None) -> Mapping[str, Path] | None:
        """The attached files of a member that was emitted; None for what was returned."""
        parent = "" if self._spec.entity is None else f"{self._spec.entity}."
        return self._files.get((contract.artifact_type, (entity or "").removeprefix(parent)))

    def _members(
        self, contract: OutputContract, owns: Sequence[str]
    ) -> Iterator[tuple[str, Output]]:
        for own in owns:
            place = contract.artifact_type, own
            member = self._kept.member(contract, own)
            if member is None:
                raise ModuleFailed(
                    f"{contract.name}/{own} was emitted, and changed or removed since: run the same command again"
                )
            if place not in self._emitted:
                self._give_back_member(member)
            self._files[place] = member.files
            self.files.update(member.files)
            yield own, member.output

    def _give_back_member(self, member: EmittedMember) -> None:
        memory = self._spec.memory
        assert memory is not None, "without one nothing is emitted"
        self.give_back(member.record.cost, member.record.version)
        for name in member.record.calls:
            if name not in self._asked:
                self._asked.add(name)
                call = remembered(memory, name)
                if call is not None:
                    self.give_back(call.cost, call.version)

    def _contract(self, name: str) -> OutputContract:
        known = {each.name: each for each in self._spec.outputs if each.many}
        if name not in known:
            raise ModuleFailed(
                f"the manifest declares no output '{name}' that is many: {suggestion(name, list(known))}"
            )
        return known[name]

    def _require_fit(
        self,
        contract: OutputContract,
        own: str,
        output: Output,
        attachments: Mapping[str, Path],
    ) -> None:
        spec = self._spec
        kept = spec.unpublished and Unpublished(spec.project, spec.unpublished, spec.secrets)

        def refused(name: str, entity: str | None, made: Output, wrong: Sequence[str]) -> None:
            if kept:
                kept.keep(name, entity, made, wrong, attachments)

        result = ModuleResult(outputs={contract.name: {own: output}})
        try:
            checked = checked_outputs(
                result, [contract], spec.entity, attachments, refused, names_read=spec.names_read
            )
            list(checked)
        except ModuleFailed as error:
            raise ModuleFailed(f"{error}{kept.text() if kept else ''}") from None

    @property
    def _kept(self) -> EmittedMembers:
        memory = self._spec.memory
        if memory is None:
            raise ModuleFailed("this call keeps no members: return them")
        return EmittedMembers(self._spec.project, memory, self._spec.secrets)
