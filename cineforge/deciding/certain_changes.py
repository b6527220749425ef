"""What certainly differs between what a version was made from and what it would be made from now. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cineforge.deciding.reads import Reads, gathered_ids, is_upgrade
from cineforge.deciding.reasons import Reason
from cineforge.model.metadata import Fingerprint, GatheredSet
from cineforge.model.records.decision_record import ReasonKind
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.model.secrets import sealed


@dataclass(frozen=True)
class Past:
    """What the head was made from: its fingerprint, and by role what it read.

    For a person's version this is what the version that it was edited from was made from, and `checked_with` the
    version of the schema that it was checked with itself, if that is another.
    """

    fingerprint: Fingerprint
    inputs: Mapping[str, Mapping[ArtifactKey, tuple[ArtifactRef, str]]]
    gathered: tuple[GatheredSet, ...] = ()
    checked_with: str | None = None


def changes_since(past: Past, reads: Reads, artifact_type: str) -> Iterator[Reason]:
    """What certainly differs between what a version of a type read and what it would read now."""
    then, now = past.fingerprint, reads.stage
    if not now.is_code(then.code) or then.stage != reads.instance.stage:
        yield Reason(ReasonKind.CODE)
    for kind, before, after in (
        (
            ReasonKind.PARAMS,
            sealed(then.params, now.secrets),
            sealed(now.params, now.secrets),
        ),
        (
            ReasonKind.CONFIG,
            sealed(then.config, now.secrets),
            sealed(now.config, now.secrets),
        ),
        (ReasonKind.SCHEMA, _schemas_seen(past, reads, artifact_type), now.schemas),
        (ReasonKind.SOURCE, then.sources, now.sources),
    ):
        names = _differing(before, after)
        if names:
            yield Reason(kind, names)
    yield from _input_changes(reads, past)


def _schemas_seen(past: Past, reads: Reads, artifact_type: str) -> Mapping[str, str]:
    """The schemas of then that can be compared, and that of today if a person's version was checked with it."""
    now = reads.stage.schemas
    # What is yet to be made may be lifted as well, or need it no more.
    seen = {
        name: each
        for name, each in past.fingerprint.schemas.items()
        if not reads.pending or name in now or not is_upgrade(name)
    }
    today = (now.get(artifact_type), reads.stage.schema_versions.get(artifact_type))
    if past.checked_with is not None and past.checked_with in today and artifact_type in now:
        seen[artifact_type] = now[artifact_type]
    return seen


def _differing(before: Mapping[str, object], after: Mapping[str, object]) -> tuple[str, ...]:
    missing = object()
    return tuple(
        sorted(
            name
            for name in {*before, *after}
            if before.get(name, missing) != after.get(name, missing)
        )
    )


def _input_changes(reads: Reads, past: Past) -> Iterator[Reason]:
    now_ids, then_ids = gathered_ids(reads.gathered), gathered_ids(past.gathered)
    for role, states in reads.inputs.items():
        then = past.inputs.get(role, {})
        for state in states:
            if state.pending is not None:
                continue
            before = then.get(state.key)
            if before is None:
                if role not in now_ids:
                    yield Reason(ReasonKind.UPSTREAM, role=role, after=str(state.ref))
            elif before[1] != state.content:
                yield Reason(
                    ReasonKind.UPSTREAM, role=role, before=str(before[0]), after=str(state.ref)
                )
        if reads.waits_for:
            continue  # the set is not known yet: absence proves nothing
        present = {state.key for state in states}
        if role not in now_ids:
            for key, (ref, _) in then.items():
                if key not in present:
                    yield Reason(ReasonKind.UPSTREAM, role=role, before=str(ref))
        else:
            added = tuple(sorted(set(now_ids[role]) - set(then_ids.get(role, []))))
            removed = tuple(sorted(set(then_ids.get(role, [])) - set(now_ids[role])))
            if added or removed:
                yield Reason(ReasonKind.MEMBERS, role=role, added=added, removed=removed)
