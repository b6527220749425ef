"""Runs one instance: module called in a worker, result published, failures in one message."""

from __future__ import annotations

import functools
import math
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from cineforge.deciding.facts.adoption import cost_of_work
from cineforge.deciding.facts.source_files import SourceFiles
from cineforge.deciding.instance import Instance
from cineforge.deciding.reads import Reads
from cineforge.history.budgets import BudgetSpent, note_ended, purse_of
from cineforge.history.costs_file import costs_path, read_costs, read_given_back
from cineforge.model.errors import CineForgeError, ModuleFailed
from cineforge.model.metadata import CostRecord
from cineforge.model.project_config import ProjectConfig
from cineforge.model.records import run_events as ev
from cineforge.model.records.decision_record import Action, DecisionRecord
from cineforge.model.records.run_events import Usage
from cineforge.model.refs import ArtifactKey
from cineforge.recipes.modules.watched_files import Watch
from cineforge.recipes.resolved import ResolvedStage
from cineforge.running import probes
from cineforge.running.adopt import adopted_outputs
from cineforge.running.job_spec import CallPlace, inputs_of, job_spec
from cineforge.running.planned_files import PlannedFiles, files_as_planned
from cineforge.running.publish_work import (
    Published,
    Work,
    keep_unpublished,
    publish_fan_out,
    publish_outputs,
)
from cineforge.running.run_store import RunStore
from cineforge.running.scratch import scratch_folder, sweep
from cineforge.running.scrubbing import scrub
from cineforge.running.workers.pool import WorkerInterrupted, WorkerPool
from cineforge.running.workers.remembering import Memory, memory_folder
from cineforge.running.workers.spec import JobReport, JobSpec
from cineforge.store import layout


@dataclass(frozen=True)
class Job:
    """One attempt at one instance, with everything upstream at rest. `expected_usd` is what it may come to pay."""

    instance: Instance
    stage: ResolvedStage
    reads: Reads
    version: int
    run_id: str
    attempt: int
    log: Path
    may_adopt: bool
    expected_usd: float | None = None


#: How events are recorded: `Recorder.emit`, or a function that does nothing.
Record = Callable[..., None]


class Runner:
    """Runs jobs of one run. Safe to call from many threads."""

    def __init__(
        self,
        store: RunStore,
        config: ProjectConfig,
        sources: SourceFiles,
        record: Record,
        instrument: bool,
    ) -> None:
        self._store = store
        self._config = config
        self._sources = sources
        self._record = record
        self._instrument = instrument
        self._pool = WorkerPool()
        self._watch = Watch()
        self._has_called = False

    def run(self, job: Job) -> Published:
        """Call the module and publish what it made. Raises ModuleFailed, naming the log, if nothing came of it."""
        place: dict[str, str | None] = {
            "stage": job.instance.stage,
            "entity": job.instance.entity,
        }
        log = job.log.relative_to(self._store.project).as_posix()
        began = time.monotonic()
        usage: Usage | None = None
        failure = ""
        probed = False
        adopted = self._adopt(job, place)
        if adopted is not None:
            return adopted
        self._admit(job, place)
        self._record(ev.JobStarted, **place, attempt=job.attempt)
        try:
            _require_inside(self._store.project, job)
            files = files_as_planned(job.stage, job.reads.stage, self._sources, self._watch)
            spec = self._spec(job, files.sources)
            for folder in (spec.log.parent, spec.scratch):
                layout.require_inside(self._store.project, folder)
            key = self._probe_key(job, spec)
            try:
                check = functools.partial(self._require_honest, job, files)
                report, probed = self._report(job, spec, key, check)
            finally:
                # What was paid counts, however the call ended.
                scrub(spec.costs, job.reads.stage.secrets)
                costs = read_costs(spec.costs)
                for call in costs:
                    self._record(ev.Cost, **place, attempt=job.attempt, call=call)
                costs += self._given_back(spec, place, job.attempt)
            usage = report.usage
            for text in report.warnings:
                self._record(ev.Warned, message=f"{job.instance}: {text}")
            if report.budget_spent:
                raise self._left_out(report.failure, place)
            if report.failure:
                raise ModuleFailed(report.failure)
            published = self._publish(job, spec, report, costs)
            if key:
                probes.drop(self._store.project, key)
        except BudgetSpent:
            raise
        except CineForgeError as error:
            failure = str(error)
            attempt = f", attempt {job.attempt}" if job.attempt > 1 else ""
            kind = WorkerInterrupted if isinstance(error, WorkerInterrupted) else ModuleFailed
            raise kind(
                f"{job.instance} ({job.stage.module.module_id}{attempt}) failed: {error}\n  log: {log}"
            ) from error
        finally:
            note_ended(_costs_path(job))
            scrub(job.log, job.reads.stage.secrets)
            self._record(
                ev.JobFinished,
                **place,
                attempt=job.attempt,
                seconds=round(time.monotonic() - began, 6),
                error=failure,
                log=log,
                usage=usage,
                probed=probed,
            )
        self._record_outcome(ev.Published, place, published)
        return replace(published, warnings=report.warnings)

    def _admit(self, job: Job, place: Mapping[str, str | None]) -> None:
        """Let the module be called, unless the budget forbids. Raises BudgetSpent; the run goes on without it."""
        purse = purse_of(self._store.project, job.run_id)
        if purse is not None:
            try:
                purse.admit(_costs_path(job), job.expected_usd)
            except BudgetSpent as error:
                raise self._left_out(str(error), place) from None

    def _left_out(self, why: str, place: Mapping[str, str | None]) -> BudgetSpent:
        self._record(ev.LeftOut, **place, why=why)
        return BudgetSpent(f"{'/'.join(filter(None, place.values()))}: {why}")

    def _given_back(
        self, spec: JobSpec, place: Mapping[str, str | None], attempt: int
    ) -> tuple[CostRecord, ...]:
        """Put on record what was not paid again; returns what earlier attempts had paid for no version yet."""
        found = read_given_back(spec.costs)
        if found:
            calls = sum(len(each.given_back) for each in found)
            saved = math.fsum(each.saved_usd for each in found)
            self._record(ev.GivenBack, **place, attempt=attempt, calls=calls, saved_usd=saved)
        return tuple(call for each in found if each.unpublished for call in each.given_back)

    def _require_honest(self, job: Job, files: PlannedFiles, report: JobReport) -> None:
        """Raise ModuleFailed when what the module reads for itself was changed meanwhile; what it made is kept."""
        try:
            files.require_untouched()
        except ModuleFailed as changed:
            folder = keep_unpublished(self._store, job.run_id, report)
            if folder is None:
                raise
            kept = folder.relative_to(self._store.project)
            raise ModuleFailed(
                f"{changed}; what was made is kept in {kept}, 'cineforge put' takes it from there"
            ) from None

    def _publish(
        self, job: Job, spec: JobSpec, report: JobReport, costs: tuple[CostRecord, ...]
    ) -> Published:
        work = Work(job.instance, job.stage, job.reads, report.made, costs, job.version, job.run_id)
        try:
            publish = publish_fan_out if job.stage.is_fan_out else publish_outputs
            return publish(self._store, work)
        finally:
            with suppress(OSError):
                spec.listing.unlink(missing_ok=True)

    def _record_outcome(
        self,
        kind: type[ev.Published | ev.Adopted],
        place: dict[str, str | None],
        done: Published,
        **more: float,
    ) -> None:
        if done.refs:
            self._record(kind, **place, refs=tuple(str(ref) for ref in done.refs), **more)
            return
        head = str(next(iter(done.beside)))
        name = "/".join(filter(None, (place["stage"], place["entity"])))
        held = DecisionRecord(instance=name, action=Action.KEEP, final=True, head=head, held=True)
        self._record(ev.Decided, decision=held)
        self._record(ev.Kept, **place, ref=head)

    def _adopt(self, job: Job, place: dict[str, str | None]) -> Published | None:
        """Take what the same work made before as the new versions, at no cost; None when there is no such thing."""
        if not job.may_adopt:
            return None
        made = adopted_outputs(self._store, job.stage, job.instance.entity, job.reads.digest)
        if not made:
            return None
        work = Work(job.instance, job.stage, job.reads, made, (), job.version, job.run_id)
        publish = publish_fan_out if job.stage.is_fan_out else publish_outputs
        published = publish(self._store, work)
        keys = [ArtifactKey(name, job.instance.entity) for name in job.stage.ticket_types]
        saved = cost_of_work(self._store, keys, job.reads.digest)
        self._record_outcome(ev.Adopted, place, published, saved_usd=saved)
        return replace(published, adopted=True)

    def stop(self) -> None:
        """End all workers, and remove what they have left."""
        self._pool.stop()
        if self._has_called:
            sweep(self._store.project, self._store.owner)

    def _report(
        self, job: Job, spec: JobSpec, key: str, check: Callable[[JobReport], None]
    ) -> tuple[JobReport, bool]:
        """What the module makes, and whether it was called for that by a plan, before. Raises ModuleFailed."""
        kept = probes.take(self._store.project, key, spec) if key else None
        if kept is not None and not probes.is_sampled(key):
            return kept, True
        called = self._pool.call(spec, job.stage.options.timeout, check)
        return (called if kept is None else probes.require_same(kept, called)), False

    def _probe_key(self, job: Job, spec: JobSpec) -> str:
        """The name of what a plan may have had made; empty where that must not be taken."""
        is_asked_anew = not job.may_adopt
        if is_asked_anew or not probes.may_be_kept(job.stage, job.reads):
            return ""
        return probes.probe_key(self._store.project, job.reads, spec)

    def _spec(self, job: Job, sources: Mapping[str, Path]) -> JobSpec:
        self._has_called = True
        project = self._store.project
        memory = self._memory(job)
        unpublished = layout.run_folder(project, job.run_id) / layout.UNPUBLISHED
        for folder in (memory.folder, unpublished):
            layout.require_inside(project, folder)
        place = CallPlace(
            project=project,
            owner=self._store.owner,
            log=job.log,
            scratch=scratch_folder(project, self._store.owner, f"{job.log.stem}.{job.attempt}"),
            costs=_costs_path(job),
            attempt=job.attempt,
            instrument=self._instrument,
            memory=memory,
            unpublished=unpublished,
            secrets=job.reads.stage.secrets,
            purse=job.run_id,
        )
        inputs = inputs_of(job.stage, job.reads, lambda ref: (self._store.folder(ref), None))
        return job_spec(self._store, job.stage, job.instance, inputs, sources, self._config, place)

    def _memory(self, job: Job) -> Memory:
        key = ArtifactKey(job.stage.ticket_types[0], job.instance.entity)
        head = self._store.heads_of([key]).get(key)
        return Memory(
            memory_folder(self._store.project, job.reads.work_digest),
            version=job.version,
            made=head.ref.version if head else 0,
            anew=not job.may_adopt,
        )


def _costs_path(job: Job) -> Path:
    return costs_path(job.log.parent.parent, job.stage.id, job.instance.entity, job.attempt)


def _require_inside(project: Path, job: Job) -> None:
    """Raise StoreDamaged when what the job makes would be written out of the project: before it is paid for."""
    for name in {*job.stage.ticket_types, *(output.artifact_type for output in job.stage.outputs)}:
        key = ArtifactKey(name, job.instance.entity)
        layout.require_inside(project, layout.artifact_dir(project, key))
        layout.require_inside(project, layout.current_path(project, key).parent)
