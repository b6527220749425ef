"""What the rules of a compiled workflow are given, and give back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path, PurePath
from typing import Any

from snakemake.exceptions import WorkflowError
from snakemake.io import ancient, report
from snakemake.sourcecache import LocalSourceFile

#: An input of a rule: a path, perhaps flagged.
RuleInput = Any


def wildcard(wildcards: Any, name: str) -> str | None:
    """The value of a wildcard, None where the rule has no such wildcard."""
    value = wildcards.get(name)
    return None if value is None else str(value)


def rule_inputs(paths: Iterable[str], is_made_by_a_job: Callable[[str], bool]) -> list[RuleInput]:
    """Paths as a rule's inputs: the time of a file that is there already means nothing.

    What a job makes stays as it is: when the DAG is updated in the moment between a job's last act and its being taken
    for finished, Snakemake leaves out, in silence, whatever reads that job by `ancient` inputs alone.
    """
    return [path if is_made_by_a_job(path) else ancient(path) for path in paths]


def reported(path: str, *, category: str, artifact: str, caption: Path | None) -> RuleInput:
    """A file that is there as an input that a report shows, with its caption: a file in reStructuredText."""
    return report(
        ancient(path),
        caption=None if caption is None else LocalSourceFile(str(caption)),
        category=category,
        labels={"artifact": artifact, "file": PurePath(path).name},
    )


def job_failed(message: str) -> Exception:
    """An error that ends a job with a message and without a traceback."""
    error: Exception = WorkflowError(message)
    return error
