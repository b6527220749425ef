"""Has Snakemake go over its DAG once for many fan-outs that have finished.

Whenever a checkpoint has finished, Snakemake makes the jobs that depend on it anew and then visits the whole DAG. So
fan-outs within a fan-out would cost the square of their number. Here those that finish while other jobs are ready to
run wait for each other, so long that going over the DAG takes at most a fixed part of the time.
"""

from __future__ import annotations

import time
from typing import Any

#: Between two updates goes at least so many times the time that the last one took, while there is other work.
PATIENCE = 9


def update_together(workflow: Any) -> None:
    """Let a Snakemake `Workflow` that is about to run its jobs update its DAG for many fan-outs at once."""
    _Updates(workflow).install()


class _Updates:
    """Stands in for `DAG.update_checkpoint_dependencies`, which hears of every job that has finished."""

    def __init__(self, workflow: Any) -> None:
        self._workflow = workflow
        self._update = workflow.dag.update_checkpoint_dependencies
        self._waiting: list[Any] = []
        self._not_before = 0.0
        self._looks = False

    def install(self) -> None:
        self._workflow.dag.update_checkpoint_dependencies = self._finished

    async def _finished(self, jobs: Any = None) -> bool:
        """What Snakemake gets as an answer: whether ready jobs have been, or will be, looked for in the whole DAG."""
        if jobs is None:
            return bool(await self._update())
        fan_outs = [job for job in jobs if job.is_checkpoint]
        self._waiting += fan_outs
        if self._is_time():
            return await self._update_now()
        self._look_after_errors()
        # What reads these fan-outs has to be made anew first, and must not become ready as it is.
        return bool(fan_outs)

    def _is_time(self) -> bool:
        others = self._workflow.dag.ready_jobs
        return bool(self._waiting) and (not others or time.monotonic() >= self._not_before)

    async def _update_now(self) -> bool:
        begin = time.monotonic()
        waiting, self._waiting = self._waiting, []
        dag = self._workflow.dag
        # A failed job that waits to be tried again counts as running as well: Snakemake would forget it here.
        dag._running -= dag.ready_jobs
        updated = bool(await self._update(waiting))
        end = time.monotonic()
        self._not_before = end + PATIENCE * (end - begin)
        return updated

    def _look_after_errors(self) -> None:
        """A job that fails finishes nothing, and the last one to run may be such a one: the scheduler looks as well."""
        if self._looks:
            return
        self._looks = True
        scheduler = self._workflow.scheduler
        handle_errors = scheduler._error_jobs

        def look() -> None:
            if self._is_time():
                self._workflow.async_run(self._update_now())
            handle_errors()

        scheduler._error_jobs = look
