"""What a run leaves to people, each with the command that settles it: for the end of a run, and for plans."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Sequence

from cineforge.bridge.wording import listed
from cineforge.deciding.decide import Decision
from cineforge.deciding.facts.gates import ANY
from cineforge.deciding.instance import Instance
from cineforge.model.records.decision_record import Action, ReasonKind
from cineforge.model.refs import ArtifactKey, ArtifactRef

SHOWN = 10


def lines_for_people(
    decisions: Iterable[Decision],
    orphaned: Sequence[ArtifactRef],
    closed_now: Callable[[ArtifactKey], Sequence[ArtifactKey]] = lambda gate: [gate],
    confirmed: Iterable[tuple[ArtifactRef, ArtifactRef]] = (),
) -> Iterator[str]:
    """A line for what waits at the same gates, for each held head that has not seen a change, and for each orphan.

    What has waited, and need not any more, comes as `Action.WAIT` without gates. `orphaned` is people's work for what
    is there no more. `closed_now` tells what is to be approved of a gate by now. `confirmed` are
    versions with those that a run made above them all the same.
    """

    @functools.cache  # many wait for the same
    def keys_of(gates: tuple[ArtifactKey, ...]) -> tuple[ArtifactKey, ...]:
        return tuple(dict.fromkeys(key for gate in gates for key in closed_now(gate)))

    waiting: dict[tuple[ArtifactKey, ...], list[str]] = {}
    held: dict[ArtifactKey, bool] = {}
    released: list[Instance] = []
    for decision in decisions:
        if decision.gates or decision.action is Action.WAIT:
            waiting.setdefault(keys_of(decision.gates), []).append(str(decision.instance))
        if decision.has_work and not decision.gates:
            released.append(decision.instance)
        if decision.flags.held and decision.reasons and decision.head is not None:
            can_be_confirmed = all(each.kind is ReasonKind.UPSTREAM for each in decision.reasons)
            held[decision.head.key] = can_be_confirmed
    lines = [_gate_line([*dict.fromkeys(each)], keys) for keys, each in waiting.items()]
    yield from _some("waiting", lines)
    yield from _some(
        "held",
        [_held_line(key, can_be_confirmed=each) for key, each in held.items()],
    )
    if released:
        names = listed([str(each) for each in released])
        yield f"released: {names}, held as the run came to it: the same command again has it made anew"
    yield from _some(
        "confirmed",
        [
            f"{ref}, while the run was on, which made {head} all the same: 'cineforge diff {ref} {head}'"
            for ref, head in confirmed
        ],
    )
    yield from _some(
        "orphaned",
        [
            f"{ref}, which a person made: what it was made for is gone. 'cineforge put {ref.artifact_type}/NEW_ID"
            f" {ref.path}/data.json' gives it to another, 'cineforge release {ref.key}' lets it go"
            for ref in orphaned
        ],
    )


def _held_line(key: ArtifactKey, *, can_be_confirmed: bool) -> str:
    """A person may say that it holds in spite of another input, not of other code or of other members."""
    confirm = f"'cineforge confirm {key}' if it still holds, " if can_be_confirmed else ""
    return (
        f"{key} has not seen what changed: {confirm}'cineforge release {key}' to have it made anew"
    )


def _gate_line(others: Sequence[str], gates: Sequence[ArtifactKey]) -> str:
    if not gates:
        return f"{listed(others)}, for nobody's word any more: the same command again goes on"
    known = [gate for gate in gates if gate.entity_id != ANY]
    if not known:
        types = listed([gate.artifact_type for gate in gates])
        return f"{listed(others)}, until somebody approves each {types} that is to be made"
    names = listed([str(gate) for gate in known])
    rest = "; and so on, 'cineforge status' lists all" if len(known) > 1 else ""
    return (
        f"{listed(others)}, until somebody approves {names}: 'cineforge confirm {known[0]}',"
        f" or 'cineforge revise {known[0]}' to have it made anew{rest}"
    )


def _some(label: str, lines: Sequence[str]) -> Iterator[str]:
    yield from (f"{label}: {line}" for line in lines[:SHOWN])
    if len(lines) > SHOWN:
        yield f"{label}: ... and {len(lines) - SHOWN} more: cineforge status"
