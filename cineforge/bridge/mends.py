"""Settings of Snakemake's that stand in the way of a run, put right before it starts."""

from __future__ import annotations

import contextlib
from typing import Any


def lift_rate_limit(workflow: Any) -> None:
    """Let local jobs start as they can. The limit is meant for queues of a cluster.

    While it holds, whatever its value, each look at the jobs that are ready has the scheduler look again one
    timespan later, and so on: after a thousand jobs, a thousand times a second.
    """
    workflow.scheduling_settings.max_jobs_per_timespan = None


def let_look_only(workflow: Any) -> None:
    """Let a dry run look at a project that may only be read: Snakemake would keep for later what it found of files."""
    save = workflow.persistence.save_iocache

    def save_if_it_may() -> None:
        with contextlib.suppress(OSError):
            save()

    workflow.persistence.save_iocache = save_if_it_may
