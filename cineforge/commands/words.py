"""Words that several commands use."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cineforge.model.health import Assessment


def judge_text(assessment: Assessment) -> str:
    """Who judges: a person by name, a rule or an AI as that."""
    if assessment.by.value == "person":
        return assessment.who
    return f"{assessment.by.value} {assessment.who}"


def assessment_text(assessment: Assessment) -> str:
    """The latest word on a version: what, by whom, why, how sure, having seen what."""
    verdict = assessment.verdict.value.replace("_", " ")
    text = f"{assessment.subject} was judged: {verdict}, by {judge_text(assessment)}"
    if assessment.confidence < 1:
        text += f", {assessment.confidence:.0%} sure"
    if assessment.examined:
        text += f", having seen {', '.join(map(str, assessment.examined[:8]))}"
        text += " ..." if len(assessment.examined) > 8 else ""
    return f"{text}: {assessment.why}" if assessment.why else text
