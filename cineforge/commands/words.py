"""Words that several commands use."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cineforge.model.health import Assessment


def assessment_text(assessment: Assessment) -> str:
    """The latest word on a version: what, by whom, why, how sure, having seen what."""
    verdict = assessment.verdict.value.replace("_", " ")
    who = (
        assessment.who
        if assessment.by.value == "person"
        else f"{assessment.by.value} {assessment.who}"
    )
    text = f"{assessment.subject} was judged: {verdict}, by {who}"
    if assessment.confidence < 1:
        text += f", {assessment.confidence:.0%} sure"
    if assessment.examined:
        text += f", having seen {', '.join(map(str, assessment.examined[:8]))}"
        text += " ..." if len(assessment.examined) > 8 else ""
    return f"{text}: {assessment.why}" if assessment.why else text
