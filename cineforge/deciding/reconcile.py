"""How an emitted member stands to its head: new, kept, or held against a person's version."""

from __future__ import annotations

from dataclasses import dataclass

from cineforge.model.own_payloads.collection import Outcome


@dataclass(frozen=True)
class MemberHead:
    """A member's head. `edited_from` is the content of the version that a person's edits began with."""

    content: str
    held: bool = False
    edited_from: str | None = None
    needs_revision: bool = False


def reconcile(content: str, head: MemberHead | None) -> Outcome:
    """What becomes of an emitted payload with this content."""
    if head is None:
        return Outcome.NEW
    if content == head.content:
        # A revision was asked for: that it came out the same is an answer, and must be seen.
        return Outcome.NEW if head.needs_revision and not head.held else Outcome.KEPT
    if head.held:
        # The machine says what it said before the person's edit: nothing new for the person to see.
        return Outcome.KEPT if content == head.edited_from else Outcome.HELD
    return Outcome.NEW
