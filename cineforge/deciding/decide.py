"""The one decision: is an instance's head kept, is it built anew, or must something else run first?

Pure: facts in, decision out. The workflow, `cineforge plan`, `cineforge why` and the jobs all call it.
The shape of the question is redo's (clean, dirty, or "build these, then we know"); that reasons are data
is doit's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from cineforge.deciding.certain_changes import Past, changes_since
from cineforge.deciding.instance import Instance
from cineforge.deciding.reads import Reads
from cineforge.deciding.reasons import EVERY_REASON, Reason
from cineforge.model.errors import DecisionFailed
from cineforge.model.records.decision_record import (
    Action,
    DecisionFlags,
    DecisionRecord,
    ReasonKind,
)
from cineforge.model.refs import ArtifactKey, ArtifactRef

#: Of most decisions there is nothing else to be said.
NO_FLAGS = DecisionFlags()
#: The reason of thousands at once.
_NEVER_BUILT = (Reason(ReasonKind.NEVER_BUILT),)


@dataclass(frozen=True)
class HeadFacts:
    """What is known of the head. `past` may be left out as long as the fingerprint's digest is what it would be now.

    `digest` is None for a version that a person made; `past` is None when that was made from nothing.
    `examined` maps each artifact that the latest confirming assessment of the head looked at to the content seen.
    `passed`: of a stage that refines, its last version stands below the head no more, and why.
    """

    ref: ArtifactRef
    digest: str | None
    held: bool = False
    needs_revision: bool = False
    examined: Mapping[ArtifactKey, str] | None = None
    past: Past | None = None
    passed: Reason | None = None


@dataclass(frozen=True)
class Facts:
    """`as_is` says that the user wants the head used as it is, whatever it has not seen.

    `enabled` are the kinds of reasons that the user lets count.
    """

    reads: Reads
    head: HeadFacts | None
    forced: bool = False
    as_is: bool = False
    enabled: frozenset[ReasonKind] = EVERY_REASON


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do for one instance.

    `reasons` are all the certain ones. `pending` are instances that must run before the rest is known: with
    Action.UNKNOWN nothing is certain yet. Of a head that is kept although there are some, `flags` say why. `gates` are
    the artifacts that somebody has to approve first: until then a head is kept, and without one nothing is made.
    """

    instance: Instance
    action: Action
    reasons: tuple[Reason, ...] = ()
    pending: tuple[Instance, ...] = ()
    head: ArtifactRef | None = None
    flags: DecisionFlags = NO_FLAGS
    gates: tuple[ArtifactKey, ...] = ()

    @property
    def is_reported(self) -> bool:
        """True for a kept head of which a person must hear: what it has not seen, or that force does not move it."""
        flags = self.flags
        unmoved = flags.held and flags.forced
        kept = self.action is Action.KEEP and (flags.left_out or unmoved or bool(self.reasons))
        return kept or bool(self.gates)

    @property
    def is_plain_keep(self) -> bool:
        """Whether it is kept because all that it reads is known and as it was, and there is no more to say."""
        return (
            self.action is Action.KEEP
            and self.flags == NO_FLAGS
            and not (self.pending or self.reasons or self.gates)
        )

    @property
    def has_work(self) -> bool:
        """Whether there is a job for it."""
        return self.action in (Action.BUILD, Action.UNKNOWN)

    @property
    def is_final(self) -> bool:
        """Whether nothing that has yet to run can bring another reason."""
        return self.action in (Action.KEEP, Action.WAIT) or (
            self.action is Action.BUILD and not self.pending
        )

    def not_approved_any_more(self) -> DecisionFailed:
        """What ends a job that was to read what somebody had approved, and has taken back."""
        gates = ", ".join(map(str, self.gates))
        return DecisionFailed(
            f"{self.instance} waits until somebody approves {gates}, which is not approved any more:"
            " run the same command again"
        )

    def record(
        self, *, version: int | None = None, adopts: Sequence[ArtifactRef] = ()
    ) -> DecisionRecord:
        """The decision as it is written down; `version` is the number planned for what is built."""
        return DecisionRecord(
            instance=str(self.instance),
            action=self.action,
            final=self.is_final,
            version=version,
            head=None if self.head is None else str(self.head),
            reasons=tuple(reason.record for reason in self.reasons),
            pending=tuple(str(each) for each in self.pending),
            adopts=tuple(str(ref) for ref in adopts),
            gates=tuple(str(key) for key in self.gates),
            **vars(self.flags),
        )


def decide(facts: Facts) -> Decision:
    """Decide for one instance. Raises DecisionFailed when a head is to be used as it is and there is none."""
    reads, head = facts.reads, facts.head
    instance = reads.instance
    if head is None:
        if facts.as_is:
            raise DecisionFailed(
                f"{instance} was never built, so a later stage cannot start from it: start from an earlier stage"
            )
        if reads.closed:
            return Decision(instance, Action.WAIT, (), reads.pending, gates=reads.closed)
        why = (*_NEVER_BUILT, Reason(ReasonKind.FORCED)) if facts.forced else _NEVER_BUILT
        return Decision(instance, Action.BUILD, why, reads.pending, flags=_forced(facts.forced))

    changes = tuple(_changes(reads, head))
    if head.passed is not None:
        of_same_role = (ReasonKind.UPSTREAM, head.passed.role)
        others = (each for each in changes if (each.kind, each.role) != of_same_role)
        changes = (head.passed, *others)
    if head.held or facts.as_is:
        unseen = tuple(each for each in changes if not _was_examined(each, reads, head))
        return Decision(
            instance,
            Action.KEEP,
            unseen,
            head=head.ref,
            flags=DecisionFlags(held=head.held, as_is=not head.held, forced=facts.forced),
        )

    reasons = list(changes)
    if facts.forced:
        reasons.insert(0, Reason(ReasonKind.FORCED))
    if head.needs_revision:
        reasons.insert(0, Reason(ReasonKind.NEEDS_REVISION))
    if head.digest is None:
        reasons.insert(0, Reason(ReasonKind.RELEASED))
    unexamined = [reason for reason in reasons if not _was_examined(reason, reads, head)]
    if reads.closed and (unexamined or reads.pending):
        return Decision(
            instance, Action.KEEP, tuple(unexamined), reads.pending, head.ref, gates=reads.closed
        )
    if any(reason.kind in facts.enabled for reason in unexamined):
        return Decision(
            instance,
            Action.BUILD,
            tuple(reasons),
            reads.pending,
            head.ref,
            _forced(facts.forced or head.needs_revision),
        )
    if reads.pending and ReasonKind.UPSTREAM in facts.enabled:
        return Decision(instance, Action.UNKNOWN, (), reads.pending, head.ref)
    if unexamined or reads.pending:
        unseen = tuple(unexamined)
        left_out = DecisionFlags(left_out=True)
        return Decision(instance, Action.KEEP, unseen, reads.pending, head.ref, left_out)
    flags = DecisionFlags(confirmed=True) if reasons else NO_FLAGS
    return Decision(instance, Action.KEEP, head=head.ref, flags=flags)


def _forced(forced: bool) -> DecisionFlags:
    return DecisionFlags(forced=True) if forced else NO_FLAGS


def _changes(reads: Reads, head: HeadFacts) -> Iterator[Reason]:
    """What certainly differs between what the head read and what it would read now."""
    if not reads.pending and reads.is_work_of(head.digest):
        return
    if head.past is not None:  # else a person's own work, made from nothing that is on record
        yield from changes_since(head.past, reads, head.ref.artifact_type)


def _was_examined(reason: Reason, reads: Reads, head: HeadFacts) -> bool:
    """True when a confirming assessment of the head looked at just this change, or at the same content."""
    if not head.examined or reason.kind is not ReasonKind.UPSTREAM or not reason.after:
        return False
    for state in reads.inputs.get(reason.role, ()):
        if str(state.ref) == reason.after:
            return head.examined.get(state.key) == state.content
    return False
