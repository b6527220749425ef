"""Is what a module returned what its manifest promises? Every problem found, none let through."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cineforge.model.canonical import canonical_json
from cineforge.model.errors import InvalidName, InvalidPayload, ModuleFailed, nearest
from cineforge.model.module_result import ModuleResult, Output
from cineforge.model.names import check_entity
from cineforge.running.workers.spec import OutputContract

MAX_SHOWN = 8


def checked_outputs(
    result: object, outputs: Sequence[OutputContract], parent: str | None, attached: set[str]
) -> list[tuple[OutputContract, str | None, Output]]:
    """The outputs with full entity ids (members' are nested in `parent`), or ModuleFailed naming every problem."""
    if not isinstance(result, ModuleResult):
        raise ModuleFailed(f"run_module returned {type(result).__name__} instead of a ModuleResult")
    problems: list[str] = []
    found = list(_flatten(result, outputs, parent, problems))
    for contract, entity, output in found:
        place = contract.artifact_type if entity is None else f"{contract.artifact_type}/{entity}"
        problems += [f"{place}: {text}" for text in _payload_problems(contract, output)]
        problems += [
            f"{place}: lists the file '{name}', which was never attached"
            for name in output.files
            if name not in attached
        ]
    if problems:
        more = len(problems) - MAX_SHOWN
        tail = [f"... and {more} more"] if more > 0 else []
        raise ModuleFailed(
            "what the module returned cannot be published:\n  "
            + "\n  ".join(problems[:MAX_SHOWN] + tail)
        )
    return found


def _flatten(
    result: ModuleResult,
    outputs: Sequence[OutputContract],
    parent: str | None,
    problems: list[str],
) -> Iterator[tuple[OutputContract, str | None, Output]]:
    contracts = {contract.artifact_type: contract for contract in outputs}
    for name in result.outputs:
        if name not in contracts:
            close = nearest(name, contracts)
            hint = f": did you mean '{close}'?" if close else ""
            problems.append(f"{name}: the manifest declares no such output{hint}")
    for name, contract in contracts.items():
        made = result.outputs.get(name)
        if made is None:
            problems.append(f"{name}: missing, though the manifest declares it")
        elif contract.many != isinstance(made, dict):
            wanted = "outputs by entity id" if contract.many else "one output"
            problems.append(f"{name}: {wanted} expected")
        elif isinstance(made, Output):
            yield contract, parent, made
        else:
            for own, output in made.items():
                entity = own if parent is None else f"{parent}.{own}"
                try:
                    check_entity(entity)
                    if "." in own:
                        raise InvalidName(
                            f"entity id '{own}' holds a '.': return the member's own id"
                        )
                except InvalidName as error:
                    problems.append(f"{name}: {error}")
                else:
                    yield contract, entity, output


def _payload_problems(contract: OutputContract, output: Output) -> Iterator[str]:
    try:
        canonical_json(output.data)
    except InvalidPayload as error:
        yield str(error)
        return
    for error_found in contract.rules.errors(output.data):
        yield f"{error_found.path}: {error_found.message}"
