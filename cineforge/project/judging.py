"""Judgements and holds of versions: checked, then put on record together."""

from __future__ import annotations

import getpass
from collections.abc import Iterable, Mapping

from cineforge.model.errors import CineForgeError
from cineforge.model.health import AssessedBy, Assessment, Hold, HoldAction, Verdict
from cineforge.model.refs import ArtifactRef
from cineforge.project.named_refs import Named, named_refs
from cineforge.project.results import Judgement
from cineforge.store import ArtifactStore


def judge_all(
    store: ArtifactStore,
    examined: Mapping[ArtifactRef, Iterable[ArtifactRef]],
    verdict: Verdict,
    why: str,
    who: str | None,
    by: AssessedBy | str,
    confidence: float,
) -> list[Judgement]:
    """Judge all versions that are given, each with what was examined for it, or none. Raises CineForgeError."""
    if not 0 <= confidence <= 1:
        raise CineForgeError(f"a confidence of {confidence}: use a number from 0 to 1")
    try:
        judge = AssessedBy(by)
    except ValueError:
        known = ", ".join(each.value for each in AssessedBy)
        raise CineForgeError(f"nothing is judged by {by!r}: use one of {known}") from None
    if judge is not AssessedBy.PERSON and not who:
        raise CineForgeError(f"say which {judge.value} judges: name it as who (--who NAME)")
    name = who or login_name()
    said = [
        Assessment(
            subject=subject,
            verdict=verdict,
            examined=tuple(dict.fromkeys(seen)),
            by=judge,
            who=name,
            why=why,
            confidence=float(confidence),
        )
        for subject, seen in examined.items()
    ]
    records = store.assess_all(said)
    return [
        Judgement(record, each, store.health(each.subject))
        for record, each in zip(records, said, strict=True)
    ]


def causing_heads(store: ArtifactStore, ref: ArtifactRef) -> list[ArtifactRef]:
    """What makes a version stale: who confirms it without another word has seen all of it."""
    return [cause.head for cause in store.causes(ref)]


def say_of_heads(
    store: ArtifactStore, names: Iterable[Named], action: HoldAction, why: str, who: str | None
) -> list[ArtifactRef]:
    """Hold or release all heads that are named, or none; returns what is the head now. Raises CineForgeError."""
    heads, _ = named_refs(store, names, heads_only=True)
    name = who or login_name()
    holds = [
        Hold(
            artifact_type=head.artifact_type,
            entity_id=head.entity_id,
            action=action,
            who=name,
            why=why,
        )
        for head in heads
    ]
    store.record_holds(holds)
    # A run may have published another one a moment before: that is the one held.
    return [store.head(head.key) or head for head in heads]


def login_name() -> str:
    """Who is at the keyboard."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "somebody"
