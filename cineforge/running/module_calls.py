"""What the jobs of one run call modules with: workers, and what each call is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from cineforge.deciding.facts.adoption import cost_of_work
from cineforge.deciding.facts.source_files import SourceFiles
from cineforge.model.errors import ModuleFailed
from cineforge.model.refs import ArtifactKey
from cineforge.recipes.modules.watched_files import Watch
from cineforge.running.adopt import adopted_outputs
from cineforge.running.attempt import Job
from cineforge.running.job_spec import CallPlace, inputs_of, job_spec
from cineforge.running.planned_files import PlannedFiles, files_as_planned
from cineforge.running.probing import probes
from cineforge.running.publishing.publish_or_keep import keep_unpublished
from cineforge.running.publishing.work import Work
from cineforge.running.run_store import RunStore
from cineforge.running.scratch import scratch_folder, sweep
from cineforge.running.workers.module_context.remembering import Memory, memory_folder, sweep_drafts
from cineforge.running.workers.pool import WorkerPool
from cineforge.running.workers.spec import JobReport, JobSpec
from cineforge.store import layout


class ModuleCalls:
    """Safe to use from many threads."""

    def __init__(
        self,
        store: RunStore,
        sources: SourceFiles,
        pool: WorkerPool,
        instrument: bool,
    ) -> None:
        self.store = store
        self.pool = pool
        self._sources = sources
        self._instrument = instrument
        self._watch = Watch()
        self._has_called = False
        self._inside = layout.Inside(store.project)

    def adopted(self, job: Job) -> Work | None:
        """What the same work made before, to be published anew at no cost; None when there is no such thing."""
        if not job.may_adopt:
            return None
        for digest in job.reads.digests:
            made = adopted_outputs(self.store, job.stage, job.instance.entity, digest)
            if made:
                return job.adopted_work(made)
        return None

    def saved_usd(self, job: Job) -> float:
        """What adopting instead of calling the module has saved."""
        known = (cost_of_work(self.store, job.output_keys, each) for each in job.reads.digests)
        return next(filter(None, known), 0.0)

    def files(self, job: Job) -> PlannedFiles:
        """The files that a call may read. Raises ModuleFailed when they are not those of the plan, DecisionFailed."""
        return files_as_planned(job.stage, job.reads.stage, self._sources, self._watch)

    def spec(self, job: Job, files: PlannedFiles) -> JobSpec:
        """The call itself. Raises StoreDamaged when what it makes would be written out of the project."""
        self._has_called = True
        project = self.store.project
        memory = self._memory(job)
        unpublished = layout.run_folder(project, job.run_id) / layout.UNPUBLISHED
        # Before it is paid for.
        for folder in (*_written_to(project, job), memory.folder, unpublished):
            self._inside.require(folder)
        sweep_drafts(memory.folder)
        place = CallPlace(
            project=project,
            owner=self.store.owner,
            log=job.log,
            scratch=scratch_folder(project, self.store.owner, f"{job.log.stem}.{job.attempt}"),
            costs=job.costs,
            attempt=job.attempt,
            instrument=self._instrument,
            memory=memory,
            unpublished=unpublished,
            secrets=job.reads.stage.secrets,
            purse=job.run_id,
        )
        inputs = inputs_of(job.stage, job.reads, lambda ref: (self.store.folder(ref), None))
        spec = job_spec(self.store, job.stage, job.instance, inputs, files.sources, place)
        for folder in (spec.log.parent, spec.scratch):
            self._inside.require(folder)
        return spec

    def _memory(self, job: Job) -> Memory:
        key = job.output_keys[0]
        head = self.store.heads_of([key]).get(key)
        return Memory(
            memory_folder(self.store.project, job.reads.work_digests),
            version=job.version,
            made=head.ref.version if head else 0,
            anew=not job.may_adopt,
        )

    def probe_key(self, job: Job, spec: JobSpec) -> str:
        """The name of what a plan may have had made; empty where that must not be taken."""
        is_asked_anew = not job.may_adopt
        if is_asked_anew or not probes.may_be_kept(job.stage, job.reads):
            return ""
        return probes.probe_key(self.store.project, job.reads, spec)

    def report(
        self, job: Job, spec: JobSpec, key: str, check: Callable[[JobReport], None]
    ) -> tuple[JobReport, bool]:
        """What the module makes, and whether it was called for that by a plan, before. Raises ModuleFailed."""
        kept = self.kept(key, spec)
        if kept is not None and not probes.is_sampled(key):
            return kept, True
        called = self.pool.call(spec, job.stage.options.timeout, check)
        return (called if kept is None else probes.require_same(kept, called)), False

    def kept(self, key: str, spec: JobSpec) -> JobReport | None:
        """What a plan had made, staged again."""
        return probes.take(self.store.project, key, spec) if key else None

    def published(self, key: str) -> None:
        """Forget what a plan had made: it was published."""
        if key:
            probes.drop(self.store.project, key)

    def require_honest(self, job: Job, files: PlannedFiles, *reports: JobReport) -> None:
        """Raise ModuleFailed when what the module reads for itself was changed meanwhile; what it made is kept."""
        try:
            files.require_untouched()
        except ModuleFailed as changed:
            folders = [keep_unpublished(self.store, job.run_id, each) for each in reports]
            folder = next(filter(None, folders), None)
            if folder is None:
                raise
            kept = folder.relative_to(self.store.project)
            raise ModuleFailed(
                f"{changed}; what was made is kept in {kept}, 'cineforge put' takes it from there"
            ) from None

    def stop(self, *, keep_workers: bool = False) -> None:
        """End all workers, and remove what they have left."""
        if not keep_workers:
            self.pool.stop()
        if self._has_called:
            sweep(self.store.project, self.store.owner)


def _written_to(project: Path, job: Job) -> Iterator[Path]:
    """The folders of what the job makes."""
    for name in {*job.stage.ticket_types, *(output.artifact_type for output in job.stage.outputs)}:
        key = ArtifactKey(name, job.instance.entity)
        yield layout.artifact_dir(project, key)
        yield layout.current_path(project, key).parent
