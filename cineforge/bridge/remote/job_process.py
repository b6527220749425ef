"""A job in another process than the run's own, on any host: it does what its file says, and decides nothing else."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from cineforge.bridge.process.signals import on_stop
from cineforge.bridge.remote.approved_reads import as_approved_now
from cineforge.bridge.remote.job_file import JobFile, load_job, upgrades_of
from cineforge.bridge.remote.run_folder import WORKFLOW_FILE
from cineforge.bridge.wording import beside_text, decision_text
from cineforge.deciding.decide import Decision, Facts, HeadFacts, decide
from cineforge.deciding.facts.source_files import SourceFiles
from cineforge.deciding.instance import Instance
from cineforge.deciding.reads import Reads, is_upgrade
from cineforge.history.job_events import SUFFIX, append_event
from cineforge.history.run_claims import Claim, job_claim
from cineforge.model.errors import (
    BudgetSpent,
    CineForgeError,
    DecisionFailed,
    ModuleFailed,
    StoreDamaged,
)
from cineforge.model.health import Verdict
from cineforge.model.records import run_events as ev
from cineforge.model.records.decision_record import Action
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.recipes.resolved import ResolvedRecipe, ResolvedStage
from cineforge.running.attempt import Job, all_of
from cineforge.running.execute import Runner, new_workers
from cineforge.running.publishing.work import Published
from cineforge.running.workers.pool import WorkerPool
from cineforge.store import DetachedStore, HeadRow, layout
from cineforge.store.layout import JOBS

#: Puts an event of a job where its run finds it.
Record = Callable[..., None]


class JobProcess:
    """Answers Snakemake's questions from the run's folder, and runs its jobs without the index."""

    def __init__(
        self,
        project: Path,
        folder: Path,
        resolve: Callable[[], ResolvedRecipe],
        search_folders: Iterable[Path],
        say: Callable[[str], None],
    ) -> None:
        self._project = project
        self._folder = folder
        self._resolve = resolve
        self._sources = SourceFiles(search_folders)
        self._say = say

    def job_inputs(self, instance: Instance, version: int) -> list[str]:
        """The inputs as the main process named them."""
        return list(self._job(instance, version).paths)

    def reason(self, instance: Instance, version: int) -> str:
        """Why the job is there, as the main process decided it."""
        return f"{instance}: {decision_text(self._job(instance, version).decision)}"

    def run(self, instance: Instance, version: int, attempt: int) -> None:
        """Do a job, unless it was done meanwhile; of a batch all of it, the one with its ticket last.

        Raises ModuleFailed, DecisionFailed.
        """
        job = self._job(instance, version)
        others = [self._job(Instance(instance.stage, o.entity), o.version) for o in job.others]
        failures: list[CineForgeError] = []
        workers = new_workers()
        on_stop(workers.stop)
        try:
            for each in (*others, job):
                try:
                    self._run_one(each, attempt, workers)
                except CineForgeError as error:
                    failures.append(error)
                    if not job.go_on:
                        break
        finally:
            workers.stop()
        if failures:
            raise all_of(failures)

    def _run_one(self, job: JobFile, attempt: int, workers: WorkerPool) -> None:
        instance = job.instance
        record = functools.partial(
            append_event, self._folder / JOBS / f"{instance.file_name}{SUFFIX}"
        )
        place = {"stage": instance.stage, "entity": instance.entity, "attempt": attempt}
        try:
            self._run(job, attempt, record, workers)
        except (ModuleFailed, BudgetSpent):
            raise  # the runner has put it on record
        except CineForgeError as error:
            # Said here it would stand in a log of this host alone.
            with suppress(OSError):
                record(ev.JobStarted, **place)
                record(ev.JobFinished, **place, seconds=0.0, error=str(error))
            raise

    def _run(self, job: JobFile, attempt: int, record: Record, workers: WorkerPool) -> None:
        stage = self._stage(job)
        makes = [Claim(key.artifact_type, key.entity_dir) for key in _output_keys(stage, job)]

        def tell() -> None:
            self._say(f"{job.instance}: another process is running this very job: waiting for it")

        with job_claim(self._project, job.run_id, job.instance.file_name, makes, tell):
            store = DetachedStore(self._project, job.index())
            try:
                self._do(_Task(job, stage, store, record, workers), attempt)
            finally:
                store.close()

    def _do(self, task: _Task, attempt: int) -> None:
        job = task.job
        secrets = self._resolve().secrets
        facts = job.facts(task.stage, task.store, secrets, as_made=True)
        done = task.published_before(facts.reads)
        if done:
            self._say(f"{job.instance}: an earlier attempt has published {done[0]}")
            task.record(ev.Published, **task.place, refs=tuple(map(str, done)))
            return
        if any(each.ticket for states in job.inputs.values() for each in states):
            facts = job.facts(task.stage, task.store, secrets, as_made=False)
        heads = task.store.heads_now(task.output_keys)
        facts = self._as_judged_since(facts, heads.values(), task.store)
        facts = _as_people_left_it(facts, heads, len(task.output_keys))
        decision = decide(as_approved_now(facts, task.store, job.approved))
        if decision.action is Action.WAIT:
            raise decision.not_approved_any_more()
        task.record(ev.Decided, decision=decision.record(version=job.version))
        if decision.action is Action.KEEP:
            self._keep(task, heads.values(), decision)
        else:
            if job.allowed is not None:
                job.allowed.require(job.instance)
                job.allowed.require_same(job.instance, facts.reads.digest)
            self._build(task, facts.reads, decision, attempt)

    def _as_judged_since(
        self, facts: Facts, heads: Iterable[HeadRow], store: DetachedStore
    ) -> Facts:
        """The facts, with what people have said of the heads since the run began."""
        if facts.head is None:
            return facts
        try:
            began = (self._folder / WORKFLOW_FILE).stat().st_ctime_ns
        except OSError:
            began = 0
        said = store.said_since(began)
        words = {row.ref: said[row.ref].verdict for row in heads if row.ref in said}
        head, word = facts.head, said.get(facts.head.ref)
        if Verdict.NEEDS_REVISION in words.values():
            return replace(facts, head=replace(head, needs_revision=True, examined={}))
        if word is None or word.verdict is not Verdict.CONFIRMED:
            return facts
        seen = {each.key: store.metadata(each).content for each in word.examined}
        return replace(facts, head=replace(head, needs_revision=False, examined=seen))

    def _keep(self, task: _Task, heads: Iterable[HeadRow], decision: Decision) -> None:
        for row in heads:
            task.store.ensure_ticket(row.ref, task.job.version)
        task.record(ev.Kept, **task.place, ref=str(decision.head))
        instance = task.job.instance
        if decision.flags.held or decision.gates:
            text = decision_text(decision.record())
            task.record(ev.Warned, message=f"{instance}: {text}")
        else:
            self._say(f"{instance}: kept after all, {decision.head} is up to date")

    def _build(self, task: _Task, reads: Reads, decision: Decision, attempt: int) -> None:
        job, store = task.job, task.store
        log = self._folder / layout.LOGS / f"{job.instance.file_name}.log"
        runner = Runner(store, self._sources, task.record, job.instrument, task.workers)
        try:
            published = runner.run(
                Job(
                    job.instance,
                    replace(task.stage, config=job.config),
                    reads,
                    job.version,
                    job.run_id,
                    attempt,
                    log,
                    may_adopt=not decision.flags.forced,
                    expected_usd=job.expected_usd,
                )
            )
        except ModuleFailed:
            # The same job may run twice at once: a scheduler gave one up for lost that was not.
            if not task.published_before(reads):
                raise
            return
        finally:
            runner.stop()
        self._report(task, published)

    def _report(self, task: _Task, published: Published) -> None:
        for text in published.warnings:
            self._say(f"{task.job.instance}: warning: {text}")
        heads = task.store.heads_now(head.key for head in published.beside)
        for head, folder in published.beside.items():
            task.store.ensure_ticket(heads[head.key].ref, task.job.version)
            task.record(ev.Warned, message=beside_text(head, folder, self._project))

    def _job(self, instance: Instance, version: int) -> JobFile:
        return load_job(self._folder / JOBS, instance, version)

    def _stage(self, job: JobFile) -> ResolvedStage:
        """The stage as planned. Raises DecisionFailed when its code or schemas are others here and now, or
        ProblemsFound when they can no longer be read."""
        stage = self._resolve().stages[job.instance.stage]
        schemas = {output.artifact_type: output.schema_digest for output in stage.outputs}
        planned = {name: each for name, each in job.schemas.items() if not is_upgrade(name)}
        same = stage.module.code_digest == job.code and schemas == planned
        if not same or upgrades_of(stage) != job.upgrades:
            raise DecisionFailed(
                f"{stage.module.folder}, the schemas of what it makes or the upgrades of what it reads"
                " were changed since the run was planned, or are others on this host: run the same command again"
            )
        return replace(stage, params=job.params)


@dataclass(frozen=True)
class _Task:
    """A job at work: what it is to do, the store it does it in, and where it is put on record."""

    job: JobFile
    stage: ResolvedStage
    store: DetachedStore
    record: Record
    workers: WorkerPool

    @property
    def place(self) -> dict[str, str | None]:
        return {"stage": self.job.instance.stage, "entity": self.job.instance.entity}

    @property
    def output_keys(self) -> tuple[ArtifactKey, ...]:
        return _output_keys(self.stage, self.job)

    def published_before(self, reads: Reads) -> list[ArtifactRef]:
        """What an earlier attempt at this very job published, its tickets made again; empty unless all is there."""
        refs = [
            ArtifactRef(
                artifact_type=key.artifact_type, entity_id=key.entity_id, version=self.job.version
            )
            for key in self.output_keys
        ]
        for ref in refs:
            if not self.store.is_published(ref):
                return []
            try:
                record = self.store.metadata(ref)
            except StoreDamaged:
                return []
            made = record.fingerprint
            if record.run_id != self.job.run_id or made is None or made.digest != reads.digest:
                return []
        for ref in refs:
            self.store.ensure_ticket(ref)
        return refs


def _as_people_left_it(facts: Facts, heads: Mapping[ArtifactKey, HeadRow], outputs: int) -> Facts:
    """The facts, with what people have put or held since the job was planned."""
    held = next((row for row in heads.values() if row.held), None)
    if held is None or len(heads) < outputs:
        return facts
    if facts.head is None:
        return replace(facts, head=HeadFacts(held.ref, held.fingerprint, held=True))
    return replace(facts, head=replace(facts.head, ref=held.ref, held=True))


def _output_keys(stage: ResolvedStage, job: JobFile) -> tuple[ArtifactKey, ...]:
    return tuple(ArtifactKey(name, job.instance.entity) for name in stage.ticket_types)
