"""Reasons and decisions in words, for Snakemake's output, the commands and the pages alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from cineforge.model.display.quantities import money
from cineforge.model.names import is_collection
from cineforge.model.records.decision_record import Action, DecisionRecord, ReasonKind, ReasonRecord
from cineforge.model.refs import ArtifactRef

if TYPE_CHECKING:
    from cineforge.store import Cause

SHOWN = 4
#: So much of what another recipe is to make first is named.
FIRST_SHOWN = 10
#: Of a job that does several instances: each may have a reason of its own.
BATCH_SHOWN = 2


def listed(names: Sequence[str], shown: int = SHOWN) -> str:
    """A short enumeration: the first few, and how many more there are."""
    head = ", ".join(names[:shown])
    return f"{head} and {len(names) - shown} more" if len(names) > shown else head


def reason_text(reason: ReasonRecord) -> str:
    """One reason in words."""
    match reason.kind:
        case ReasonKind.NEVER_BUILT:
            return "never built"
        case ReasonKind.FORCED:
            return "forced"
        case ReasonKind.NEEDS_REVISION:
            return "a revision was asked for"
        case ReasonKind.RELEASED:
            return "a person's version was released"
        case ReasonKind.UPSTREAM:
            if reason.before and reason.after:
                return f"upstream changed: {reason.before} -> {_version(reason.after)}"
            if reason.after:
                return f"new input: {reason.after}"
            return f"input gone: {reason.before}"
        case ReasonKind.MEMBERS:
            parts = []
            if reason.added:
                parts.append(f"added {listed(reason.added)}")
            if reason.removed:
                parts.append(f"removed {listed(reason.removed)}")
            return f"members of {reason.role} changed: {'; '.join(parts)}"
        case ReasonKind.CODE:
            return "module code changed"
        case ReasonKind.PARAMS:
            return f"params changed: {listed(reason.names)}"
        case ReasonKind.CONFIG:
            return f"project config changed: {listed(reason.names)}"
        case ReasonKind.SCHEMA:
            return f"schema changed: {listed(reason.names)}"
        case ReasonKind.SOURCE:
            return f"source file changed: {listed(reason.names)}"
        case _:
            return "; ".join(reason.names)


def beside_text(head: ArtifactRef, folder: Path | None, project: Path) -> str:
    """What became of a machine's version whose artifact a person put or held while it was made."""
    said = f"{head.key}: held while the run was on: {head} stays the head"
    if folder is None:
        return f"{said}, and what was made before is not adopted"
    place = folder.relative_to(project)
    if is_collection(head.artifact_type):
        return f"{said}, what was made is kept in {place}"
    words = str(head.key).replace("/", " ")
    return f"{said}, what was made is kept in {place}: 'cineforge put {words} {place}/data.json' takes it from there"


def superseded_text(ref: ArtifactRef, head: ArtifactRef) -> str:
    """What became of a machine's version above which a person put another while it was made."""
    return f"{ref} was published, but is superseded by {head}, which was made meanwhile"


def left_out_text(names: Sequence[str], paid_usd: float, *, forced: bool) -> str:
    """What a run did not begin, because of the budget. What was forced is nothing that the next run would do."""
    goes_on = (
        "Some of it was forced: the same command begins from the start, so force by name what is left"
        if forced
        else "The next run goes on with that, as far as its budget reaches"
    )
    return f"{money(paid_usd)} was paid; left out for the budget: {listed(names)}. {goes_on}"


def first_lines(first: Sequence[DecisionRecord], recipe: str) -> Iterator[str]:
    """What a recipe that runs alone reads of others as it is now, and a run of those would make anew."""
    for each in first[:FIRST_SHOWN]:
        yield f"first, by another recipe: {each.instance}: {decision_text(each)}"
    if len(first) > FIRST_SHOWN:
        yield f"first, by another recipe: ... and {len(first) - FIRST_SHOWN} more"
    if first:
        yield f"'cineforge run' makes that; list {recipe} under recipes in config.yaml, and one run makes both"


def decision_text(decision: DecisionRecord) -> str:
    """Why an instance is scheduled, or what is to be said of a kept one."""
    texts = [reason_text(reason) for reason in decision.reasons]
    if len(texts) > SHOWN:
        texts = [*texts[:SHOWN], f"{len(texts) - SHOWN} more reasons"]
    if decision.gates:
        unseen = f", has not seen: {'; '.join(texts)}" if texts else ""
        return f"waits until somebody approves {_names(decision.gates)}{unseen}"
    if decision.action is Action.UNKNOWN:
        has = "has" if len(decision.pending) == 1 else "have"
        return f"unknown until {_names(decision.pending)} {has} run"
    if decision.action is Action.KEEP:
        if decision.left_out and decision.pending:
            texts.append(f"what {_names(decision.pending)} will make")
        unseen = f", has not seen: {'; '.join(texts)}" if texts else ""
        if decision.held and decision.forced and decision.head is not None:
            artifact = decision.head.partition("@")[0]
            release = f"'cineforge release {artifact}' lets it be made anew"
            return f"held although forced: {release}{unseen}"
        if decision.held:
            return f"held{unseen}"
        if decision.as_is and texts:
            return f"used as it is{unseen}"
        if decision.left_out:
            return f"kept, for such reasons were left out{unseen}"
        return "up to date"
    return "; ".join(texts)


def batch_text(decisions: Sequence[DecisionRecord]) -> str:
    """Why a job that does several instances is scheduled."""
    texts = list(dict.fromkeys(map(decision_text, decisions)))
    more = f"; and {len(texts) - BATCH_SHOWN} more reasons" if len(texts) > BATCH_SHOWN else ""
    names = f"{decisions[0].instance} and {len(decisions) - 1} more"
    return f"{names}: {'; '.join(texts[:BATCH_SHOWN])}{more}"


def presence_text(is_gone: bool, there_after_a_run: bool | None) -> str:
    """What is to be said of an artifact whose entity is gone, or will be; else nothing."""
    if not is_gone:
        vanishes = "a run would let it vanish: no fan-out will name it any more"
        return vanishes if there_after_a_run is False else ""
    known = {
        True: ", but a run would bring it back",
        False: ", and no run makes it anew",
        None: "; whether a run would bring it back is not known before its fan-out has run",
    }
    return f"it has vanished: no collection names it any more{known[there_after_a_run]}"


def cause_lines(cause: Cause) -> list[str]:
    """One cause, a line for each step from the stale version up to the change itself."""
    path = [*cause.path]
    lines = [f"{lower} was made from {upper}" for lower, upper in pairwise(path)]
    if cause.used is None:
        changes = [f"+{entity}" for entity in cause.came] + [f"-{entity}" for entity in cause.went]
        shown = ", ".join(changes[:8]) + (" ..." if len(changes) > 8 else "")
        lines.append(
            f"{path[-1]} gathered the members of {cause.head.key}, which have changed: {shown}"
        )
        return lines
    lines.append(f"{path[-1]} was made from {cause.used}")
    lines.append(f"{cause.used} was superseded by {cause.head}")
    return lines


def _names(instances: Sequence[str]) -> str:
    return listed(instances, 2)


def _version(ref: str) -> str:
    return "@" + ref.rpartition("@")[2]
