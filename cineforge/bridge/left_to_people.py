"""What a run leaves to people, each with the command that settles it: for the end of a run, and for plans."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from cineforge.bridge.wording import listed
from cineforge.deciding.decide import Decision
from cineforge.model.records.decision_record import ReasonKind
from cineforge.model.refs import ArtifactKey, ArtifactRef

SHOWN = 10


def lines_for_people(
    decisions: Iterable[Decision],
    orphaned: Sequence[ArtifactRef],
    is_open: Callable[[ArtifactKey], bool] = lambda _key: False,
) -> Iterator[str]:
    """A line for each gate that others wait at, for each held head that has not seen a change, and for each orphan.

    `orphaned` is people's work for what is there no more. `is_open` tells of a gate that opened since.
    """
    waiting: dict[ArtifactKey, list[str]] = {}
    held: dict[ArtifactKey, bool] = {}
    for decision in decisions:
        for gate in decision.gates:
            waiting.setdefault(gate, []).append(str(decision.instance))
        if decision.flags.held and decision.reasons and decision.head is not None:
            can_be_confirmed = all(each.kind is ReasonKind.UPSTREAM for each in decision.reasons)
            held[decision.head.key] = can_be_confirmed
    yield from _some("waiting", [_gate_line(*each, is_open) for each in waiting.items()])
    yield from _some(
        "held",
        [_held_line(key, can_be_confirmed=each) for key, each in held.items()],
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


def _gate_line(
    gate: ArtifactKey, instances: Sequence[str], is_open: Callable[[ArtifactKey], bool]
) -> str:
    others = listed(list(dict.fromkeys(instances)))
    if is_open(gate):
        return f"{others}: {gate} came out as it was approved: the same command again goes on"
    return (
        f"{others}, until somebody approves {gate}: 'cineforge confirm {gate}',"
        f" or 'cineforge revise {gate}' to have it made anew"
    )


def _some(label: str, lines: Sequence[str]) -> Iterator[str]:
    yield from (f"{label}: {line}" for line in lines[:SHOWN])
    if len(lines) > SHOWN:
        yield f"{label}: ... and {len(lines) - SHOWN} more: cineforge status"
