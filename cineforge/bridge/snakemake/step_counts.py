"""Has Snakemake's progress count instances where one job does many."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from snakemake.logging import logger
from snakemake_interface_logger_plugins.common import LogEvent

#: How many steps more are done than jobs, and how many more there are in all.
Beyond = Callable[[], tuple[int, int]]


def count_instances(workflow: Any, beyond: Beyond) -> None:
    """Let a Snakemake `Workflow` that is about to run its jobs tell of more steps than it has jobs.

    There is no scheduler yet: it is attended to when it hears of the first job that has finished.
    """
    dag = workflow.dag
    hear = dag.update_checkpoint_dependencies

    async def hear_first(jobs: Any = None) -> Any:
        if workflow.scheduler is not None:
            dag.update_checkpoint_dependencies = hear
            _attend(workflow, beyond)
        return await hear(jobs)

    dag.update_checkpoint_dependencies = hear_first


def _attend(workflow: Any, beyond: Beyond) -> None:
    scheduler = workflow.scheduler

    def progress() -> None:
        done, total = beyond()
        progress_event = {
            "event": LogEvent.PROGRESS,
            "done": scheduler.finished_jobs + done,
            "total": len(workflow.dag) + total,
        }
        logger.info(None, extra=progress_event)

    scheduler.progress = progress
