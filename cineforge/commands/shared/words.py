"""Words that several commands use."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from cineforge.model.display.visible import brief, visible_line

if TYPE_CHECKING:
    from pathlib import Path

    from cineforge.history.reading.run_reading import ReadRun
    from cineforge.model.health import Assessment
    from cineforge.model.metadata import ArtifactMetadata


def in_a_line(text: str) -> str:
    """What somebody said, within a line of ours: it ends no line and fills no screen."""
    return brief(visible_line(text))


def first_words(text: str) -> str:
    """The beginning of a reason, for a list."""
    return text.split("\n")[0][:60]


def judge_text(assessment: Assessment) -> str:
    """Who judges: a person by name, a rule or an AI as that."""
    if assessment.by.value == "person":
        return in_a_line(assessment.who)
    return f"{assessment.by.value} {in_a_line(assessment.who)}"


def assessment_text(assessment: Assessment) -> str:
    """The latest word on a version: what, by whom, why, how sure, having seen what."""
    verdict = assessment.verdict.value.replace("_", " ")
    text = f"{assessment.subject} was judged: {verdict}, by {judge_text(assessment)}"
    if assessment.confidence < 1:
        text += f", {assessment.confidence:.0%} sure"
    if assessment.examined:
        text += f", having seen {', '.join(map(str, assessment.examined[:8]))}"
        text += " ..." if len(assessment.examined) > 8 else ""
    return f"{text}: {in_a_line(assessment.why)}" if assessment.why else text


def report_troubles(runs: Iterable[ReadRun]) -> int:
    """Name each run whose record is not what it should be; the exit status."""
    troubles = [run.trouble for run in runs if run.trouble]
    for trouble in troubles:
        print(f"cineforge: {in_a_line(trouble)}", file=sys.stderr)
    return 1 if troubles else 0


def note_older(project: Path, records: Iterable[ArtifactMetadata]) -> None:
    """Say on stderr of versions of an older schema that they are shown as they were saved."""
    from cineforge.recipes.resolving.schema_upgrades import later_version

    for record in records:
        ref, saved = record.ref, record.schema_version
        now = later_version(project, ref.artifact_type, saved)
        if now is not None:
            print(
                f"note: {ref} is shown as it was saved, under version {saved!r} of its schema; modules get it lifted"
                f" to {now!r}: cineforge show {ref} --lifted",
                file=sys.stderr,
            )
