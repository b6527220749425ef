"""What the rules of a compiled workflow are given, and give back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from snakemake.exceptions import WorkflowError
from snakemake.io import ancient

#: An input of a rule: a path, perhaps flagged.
RuleInput = Any


def wildcard(wildcards: Any, name: str) -> str | None:
    """The value of a wildcard, None where the rule has no such wildcard."""
    value = wildcards.get(name)
    return None if value is None else str(value)


def by_content(paths: Iterable[str]) -> list[RuleInput]:
    """Paths as inputs whose file times mean nothing."""
    return [ancient(path) for path in paths]


def job_failed(message: str) -> Exception:
    """An error that ends a job with a message and without a traceback."""
    error: Exception = WorkflowError(message)
    return error
