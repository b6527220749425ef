"""Is what a module returned what its manifest promises? Every problem found, none let through."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

from cineforge.model.canonical import canonical_json
from cineforge.model.errors import InvalidName, InvalidPayload, ModuleFailed, nearest, suggestion
from cineforge.model.module_result import ModuleResult, Output
from cineforge.model.names import check_entity
from cineforge.running.workers.spec import OutputContract

MAX_SHOWN = 8


@dataclass(frozen=True)
class CheckedOutput:
    """An output that may be published: its full entity id, and its payload's bytes."""

    contract: OutputContract
    entity: str | None
    output: Output
    raw: bytes


#: Takes an output that cannot be published: its type, its entity, and what is wrong with it.
Refused = Callable[[str, str | None, Output, Sequence[str]], None]


def _let_go(_type: str, _entity: str | None, _output: Output, _problems: Sequence[str]) -> None:
    """What nobody wants to keep."""


class _Problems:
    """The first few, and how many there are. Those of one output are told when it is refused."""

    def __init__(self, refused: Refused) -> None:
        self._first: list[str] = []
        self._count = 0
        self._refused = refused

    def add(self, text: str) -> None:
        self._count += 1
        if self._count <= MAX_SHOWN:
            self._first.append(text)

    def refuse(self, name: str, entity: str | None, output: Output, found: Sequence[str]) -> None:
        """Add what is wrong with an output, or keep it beside others that are wrong."""
        for text in found:
            self.add(text)
        self._refused(name, entity, output, found)

    def __bool__(self) -> bool:
        return self._count > 0

    def text(self) -> str:
        more = self._count - MAX_SHOWN
        tail = [f"... and {more} more"] if more > 0 else []
        return "\n  ".join(self._first + tail)


def checked_outputs(
    result: object,
    outputs: Sequence[OutputContract],
    parent: str | None,
    attached: Collection[str],
    refused: Refused = _let_go,
    *,
    names_read: Collection[str],
) -> Iterator[CheckedOutput]:
    """The outputs one by one, and none after the first problem. Raises ModuleFailed at the end, naming every problem.

    Members' ids are nested in `parent`; of `names_read` they may say that they were made. A module may make the members
    of a type while they are asked for here. From the first problem on, `refused` gets each output with what is wrong
    with it, if anything.
    """
    if not isinstance(result, ModuleResult):
        raise ModuleFailed(f"run_module returned {type(result).__name__} instead of a ModuleResult")
    problems = _Problems(refused)
    is_fan_out = any(contract.many for contract in outputs)
    for contract, entity, output in _flatten(result, outputs, parent, problems):
        place = contract.artifact_type if entity is None else f"{contract.artifact_type}/{entity}"
        wrong = [
            f"{place}: lists the file '{name}', which was never attached"
            for name in output.files
            if name not in attached
        ]
        if output.made_from is not None:
            wrong += [
                f"{place}: {text}" for text in _untrue(output.made_from, names_read, is_fan_out)
            ]
        try:
            raw = canonical_json(output.data)
            misfits = contract.rules.errors(output.data)
            wrong += [f"{place}: {found.path}: {found.message}" for found in misfits]
        except InvalidPayload as error:
            wrong.append(f"{place}: {error}")
            raw = b""
        if wrong or problems:
            problems.refuse(contract.artifact_type, entity, output, wrong)
        else:
            yield CheckedOutput(contract, entity, output, raw)
    if problems:
        raise ModuleFailed(f"what the module returned cannot be published:\n  {problems.text()}")


def _untrue(made_from: Sequence[str], names_read: Collection[str], is_fan_out: bool) -> list[str]:
    """What is wrong with what an output says that it was made from."""
    if not is_fan_out:
        return [
            "'made_from' is for the members of a fan-out: all that this stage makes is made from all that it reads"
        ]
    return [
        f"'made_from' names '{name}', which was not read: {suggestion(name, sorted(names_read))}"
        for name in made_from
        if name not in names_read
    ]


def _flatten(
    result: ModuleResult,
    outputs: Sequence[OutputContract],
    parent: str | None,
    problems: _Problems,
) -> Iterator[tuple[OutputContract, str | None, Output]]:
    contracts = {contract.name: contract for contract in outputs}
    for name in result.outputs:
        if name not in contracts:
            close = nearest(name, contracts)
            hint = f": did you mean '{close}'?" if close else ""
            message = f"{name}: the manifest declares no such output{hint}"
            stray = result.outputs[name]
            if isinstance(stray, Output):
                problems.refuse(name, parent, stray, [message])
            else:
                problems.add(message)
    for name, contract in contracts.items():
        made = result.outputs.get(name)
        if made is None:
            problems.add(f"{name}: missing, though the manifest declares it")
        elif contract.many == isinstance(made, Output):
            wanted = "outputs by entity id" if contract.many else "one output"
            problems.add(f"{name}: {wanted} expected")
        elif isinstance(made, Output):
            yield contract, parent, made
        else:
            members = made.items() if isinstance(made, dict) else _drawn(name, made, problems)
            for own, output in members:
                entity = own if parent is None else f"{parent}.{own}"
                try:
                    check_entity(entity)
                    if "." in own:
                        raise InvalidName(
                            f"entity id '{own}' holds a '.': return the member's own id"
                        )
                except InvalidName as error:
                    problems.refuse(name, entity, output, [f"{name}: {error}"])
                else:
                    yield contract, entity, output


def _drawn(
    name: str, members: Iterator[object], problems: _Problems
) -> Iterator[tuple[str, Output]]:
    """The members that a module makes one by one: pairs of an own id, each another, and an output."""
    seen: set[str] = set()
    for member in members:
        match member:
            case (str() as own, Output() as output):
                if own in seen:
                    problems.refuse(name, own, output, [f"{name}: two members have the id '{own}'"])
                else:
                    seen.add(own)
                    yield own, output
            case _:
                problems.add(
                    f"{name}: a member is a {type(member).__name__}, not a pair of an id and an Output"
                )
