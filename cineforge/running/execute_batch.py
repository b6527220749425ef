"""Runs many instances of one stage in one go: modules called one after the other, what they made published together.

Each has its own attempt, log, costs and outcome, and none is in the way of another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from cineforge.model.errors import CineForgeError, ModuleFailed
from cineforge.model.metadata import CostRecord
from cineforge.model.records import run_events as ev
from cineforge.running.attempt import Attempt, Job, Record, record_outcome
from cineforge.running.module_calls import ModuleCalls
from cineforge.running.planned_files import PlannedFiles
from cineforge.running.probing import probes
from cineforge.running.publishing.publish_batch import publish_batch
from cineforge.running.publishing.work import Published, Work
from cineforge.running.workers.pool import Ended
from cineforge.running.workers.processes.pool_worker import WorkerInterrupted
from cineforge.running.workers.spec import JobReport, JobSpec


@dataclass
class Task:
    """One job of a batch. `ended` is None as long as it has not begun, or is under way."""

    job: Job
    attempt: Attempt
    spec: JobSpec | None = None
    key: str = ""
    kept: JobReport | None = None
    work: Work | None = None
    costs: tuple[CostRecord, ...] = ()
    ended: Published | ModuleFailed | None = None

    @property
    def is_called(self) -> bool:
        """Whether the module is to be called for it."""
        is_taken = self.kept is not None and not probes.is_sampled(self.key)
        return self.work is None and self.ended is None and not is_taken


def run_batch(
    calls: ModuleCalls, record: Record, jobs: Sequence[Job], *, go_on: bool
) -> list[Task]:
    """Do jobs of one stage, no fan-out. Those that have not ended were not begun: after the first that failed, unless
    it is to `go_on`, and when it takes too long.

    Raises WorkerInterrupted when the run is stopped: of what is under way nothing is published.
    """
    tasks = [Task(job, Attempt(job, calls.store.project, record)) for job in jobs]
    for task in tasks:
        try:
            task.work = calls.adopted(task.job)
        except CineForgeError as error:
            task.attempt.begin()
            _fail(task, error)
    anew = [task for task in tasks if task.work is None and task.ended is None]
    if anew:
        _call(calls, anew, go_on)
    _publish(calls, record, [task for task in tasks if task.work is not None])
    return tasks


def _call(calls: ModuleCalls, tasks: Sequence[Task], go_on: bool) -> None:
    """Have the module called for those tasks for which it must be."""
    if len(tasks) == 1:  # of many it is told afterwards which have begun, and when
        tasks[0].attempt.begin()
    began = datetime.now(UTC)
    try:
        files = calls.files(tasks[0].job)
    except CineForgeError as error:
        for task in tasks:
            _begin(task, tasks, began)
            _fail(task, error)
        return
    for task in tasks:
        try:
            task.spec = calls.spec(task.job, files)
            task.key = calls.probe_key(task.job, task.spec)
            task.kept = calls.kept(task.key, task.spec)
        except CineForgeError as error:
            _begin(task, tasks, began)
            _fail(task, error)
    called = [task for task in tasks if task.is_called]
    for task in tasks:
        if task.kept is not None and not task.is_called:
            _begin(task, tasks, began)
            task.attempt.probed = True
            _take(task, task.kept)
    if called:
        _take_each(called, tasks, began, _ended(calls, called, files, go_on))


def _ended(
    calls: ModuleCalls, tasks: Sequence[Task], files: PlannedFiles, go_on: bool
) -> Sequence[Ended]:
    """How the calls ended, as far as they have begun."""

    def check(found: Sequence[Ended]) -> None:
        reports = [each for each in found if isinstance(each, JobReport)]
        calls.require_honest(tasks[0].job, files, *reports)

    specs = [task.spec for task in tasks if task.spec is not None]
    first = specs[0]
    reports = first.scratch.with_name(f"{first.scratch.name}.reports")
    try:
        return calls.pool.call_each(specs, reports, check, go_on=go_on)
    except WorkerInterrupted as error:
        if len(tasks) == 1:  # of many nobody knows which was under way
            _take_each(tasks, tasks, datetime.now(UTC), [error])
        raise
    except ModuleFailed as error:
        return [error] * len(tasks)


def _take_each(
    tasks: Sequence[Task], among: Sequence[Task], began: datetime, ended: Sequence[Ended]
) -> None:
    for task, each in zip(tasks, ended, strict=False):
        _begin(task, among, began)
        if isinstance(each, JobReport):
            began += timedelta(seconds=each.seconds)
        assert task.spec is not None, "only what has one was called"
        task.costs = task.attempt.paid(task.spec)
        if isinstance(each, ModuleFailed):
            _fail(task, each)
        else:
            _take(task, each)


def _take(task: Task, report: JobReport) -> None:
    """Take what the module made, or that it failed."""
    try:
        if task.kept is not None and task.kept is not report:
            report = probes.require_same(task.kept, report)
        task.attempt.reported(report)
    except CineForgeError as error:
        _fail(task, error)
    else:
        task.work = task.job.work(report, task.costs)


def _publish(calls: ModuleCalls, record: Record, tasks: Sequence[Task]) -> None:
    works = [task.work for task in tasks if task.work is not None]
    for task, published in zip(tasks, publish_batch(calls.store, works), strict=True):
        report = task.attempt.report
        if isinstance(published, CineForgeError):
            _fail(task, published)
        elif report is None:
            saved = calls.saved_usd(task.job)
            record_outcome(record, ev.Adopted, task.job, published, saved_usd=saved)
            task.ended = replace(published, adopted=True)
        else:
            calls.published(task.key)
            task.attempt.end(seconds=report.seconds)
            record_outcome(record, ev.Published, task.job, published)
            task.ended = replace(published, warnings=report.warnings)


def _begin(task: Task, among: Sequence[Task], at: datetime) -> None:
    if len(among) > 1:
        task.attempt.begin(at)


def _fail(task: Task, error: CineForgeError) -> None:
    report = task.attempt.report
    task.ended = task.attempt.failed(error)
    task.work = None
    task.attempt.end(str(error), seconds=report.seconds if report else None)
