"""Runs one instance: module called in a worker, result published, failures in one message."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from cineforge.deciding.facts.source_files import SourceFiles
from cineforge.model.errors import BudgetSpent, CineForgeError
from cineforge.model.records import run_events as ev
from cineforge.running.attempt import Attempt, Job, Record, record_outcome
from cineforge.running.execute_batch import Task, run_batch
from cineforge.running.module_calls import ModuleCalls
from cineforge.running.publishing.publish_fan_out import publish_fan_out
from cineforge.running.publishing.publish_outputs import publish_outputs
from cineforge.running.publishing.work import Published, Work
from cineforge.running.run_store import RunStore
from cineforge.running.workers.pool import WorkerPool


def new_workers() -> WorkerPool:
    """Workers for several runners. Whoever asks for them ends them."""
    return WorkerPool()


class Runner:
    """Runs jobs of one run. Safe to call from many threads."""

    def __init__(
        self,
        store: RunStore,
        sources: SourceFiles,
        record: Record,
        instrument: bool,
        workers: WorkerPool | None = None,
    ) -> None:
        """Workers that are given are shared, and not stopped."""
        self._store = store
        self._record = record
        self._is_sharing = workers is not None
        self._calls = ModuleCalls(store, sources, workers or WorkerPool(), instrument)

    def run(self, job: Job) -> Published:
        """Call the module and publish what it made. Raises ModuleFailed, naming the log, if nothing came of it."""
        adopted = self._adopt(job)
        if adopted is not None:
            return adopted
        attempt = Attempt(job, self._store.project, self._record)
        attempt.admit()
        attempt.begin()
        failure = ""
        try:
            published = self._done(job, attempt)
        except BudgetSpent:
            raise
        except CineForgeError as error:
            failure = str(error)
            raise attempt.failed(error) from error
        finally:
            attempt.end(failure)
        record_outcome(self._record, ev.Published, job, published)
        return published

    def run_batch(self, jobs: Sequence[Job], *, go_on: bool) -> list[Task]:
        """The same for jobs of one stage, no fan-out, in one go: how each ended. Raises WorkerInterrupted.

        Those that have not ended were not begun: after the first that failed, unless it is to `go_on`, or when it takes
        long.
        """
        return run_batch(self._calls, self._record, jobs, go_on=go_on)

    def stop(self) -> None:
        """End all workers, unless they are shared, and remove what they have left."""
        self._calls.stop(keep_workers=self._is_sharing)

    def _done(self, job: Job, attempt: Attempt) -> Published:
        calls = self._calls
        files = calls.files(job)
        spec = calls.spec(job, files)
        key = calls.probe_key(job, spec)
        try:
            check = functools.partial(calls.require_honest, job, files)
            report, attempt.probed = calls.report(job, spec, key, check)
        finally:
            costs = attempt.paid(spec)
        attempt.reported(report)
        try:
            published = _publish(self._store, job.work(report, costs))
        finally:
            with suppress(OSError):
                spec.listing.unlink(missing_ok=True)
        calls.published(key)
        return replace(published, warnings=report.warnings)

    def _adopt(self, job: Job) -> Published | None:
        """Take what the same work made before as the new versions, at no cost; None when there is no such thing."""
        work = self._calls.adopted(job)
        if work is None:
            return None
        published = _publish(self._store, work)
        saved = self._calls.saved_usd(job)
        record_outcome(self._record, ev.Adopted, job, published, saved_usd=saved)
        return replace(published, adopted=True)


def _publish(store: RunStore, work: Work) -> Published:
    publish = publish_fan_out if work.stage.is_fan_out else publish_outputs
    return publish(store, work)
