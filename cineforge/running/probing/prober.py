"""Runs pure modules in scratch, so that a plan knows what they will make. Nothing is published."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from cineforge.deciding.dry_run.probe import Locate, ProbedOutput
from cineforge.deciding.facts.source_files import SourceFiles
from cineforge.deciding.instance import Instance
from cineforge.deciding.reads import Reads
from cineforge.model.errors import CineForgeError, ModuleFailed
from cineforge.model.refs import ArtifactRef
from cineforge.recipes.modules.watched_files import Watch
from cineforge.recipes.resolved import ResolvedStage
from cineforge.running.job_spec import CallPlace, Location, inputs_of, job_spec
from cineforge.running.planned_files import files_as_planned
from cineforge.running.probing import probes
from cineforge.running.run_store import RunStore
from cineforge.running.workers.pool import WorkerPool
from cineforge.running.workers.processes.pool_worker import TimedOut
from cineforge.running.workers.spec import JobSpec
from cineforge.store import layout
from cineforge.store.disk.temporary import TemporaryFolder
from cineforge.store.locking.owners import Owner

#: So many seconds a plan waits for one call, be it that the recipe gives it more.
LONGEST_SECONDS = 60.0

#: Told before each call: the instance, and how many were called before it.
Progress = Callable[[Instance, int], None]


class Prober:
    """A `Probe` for one plan, to be closed after it. `failures` says by instance why a pure module made nothing."""

    def __init__(
        self,
        store: RunStore,
        sources: SourceFiles,
        progress: Progress = lambda _instance, _count: None,
        longest_seconds: float = LONGEST_SECONDS,
    ) -> None:
        self._longest = longest_seconds
        #: Stages of which one call took too long: others are not waited for.
        self._slow: set[str] = set()
        self._store = store
        self._sources = sources
        self._progress = progress
        self._watch = Watch()
        self._pool = WorkerPool()
        self._home = store.project / probes.PROBES
        #: Where modules work, made for the first of them.
        self._work = store.project / layout.PROBING
        self._temporary: TemporaryFolder | None = None
        self._owner: Owner | None = None
        self._count = 0
        self.failures: dict[Instance, str] = {}

    def __enter__(self) -> Prober:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the workers, and remove all that is not kept."""
        self._pool.stop()
        if self._owner is not None:
            self._owner.release(unfinished=True)
        if self._temporary is not None:
            self._temporary.remove()
        with suppress(OSError):  # another plan may be at work
            (self._store.project / layout.PROBING).rmdir()

    def __call__(
        self, stage: ResolvedStage, instance: Instance, reads: Reads, locate: Locate
    ) -> tuple[ProbedOutput, ...] | None:
        """What the instance would make; None for a module that is not pure, or fails."""
        if not probes.may_be_kept(stage, reads) or stage.id in self._slow:
            return None
        try:
            return self._probed(stage, instance, reads, locate)
        except TimedOut as error:
            self._slow.add(stage.id)
            self.failures[instance] = f"{error}; what else the stage may make is not tried either"
            return None
        except (CineForgeError, OSError) as error:
            self.failures[instance] = str(error)
            return None

    def _probed(
        self, stage: ResolvedStage, instance: Instance, reads: Reads, locate: Locate
    ) -> tuple[ProbedOutput, ...]:
        def location(ref: ArtifactRef) -> Location:
            found = locate(ref)
            if isinstance(found, ArtifactRef):
                return self._store.folder(found), None
            assert found.folder is not None, "what the head has is read there"
            return found.folder, found.files

        files = files_as_planned(stage, reads.stage, self._sources, self._watch)
        inputs = inputs_of(stage, reads, location)
        nowhere = CallPlace(self._work, "", self._work, self._work, self._work)
        spec = job_spec(self._store, stage, instance, inputs, files.sources, nowhere)
        key = probes.probe_key(self._store.project, reads, spec)
        call = probes.kept_call(self._home, key)
        if call is None:
            self._progress(instance, self._count)
            self._count += 1
            spec = self._prepared(spec)
            report = self._pool.call(
                spec, self._timeout(stage), lambda _report: files.require_untouched()
            )
            if report.failure:
                raise ModuleFailed(report.failure)
            probes.keep(self._home, key, report, self._work, spec.log)
            call = probes.kept_call(self._home, key)
            if call is None:
                raise ModuleFailed("what it made for the plan was gone at once")
        return probes.probed_outputs(self._home, key, call)

    def _timeout(self, stage: ResolvedStage) -> float:
        return min(stage.options.timeout or self._longest, self._longest)

    def _prepared(self, spec: JobSpec) -> JobSpec:
        """The call with a place of its own: in the project, or elsewhere if nothing can be written there."""
        if self._owner is None:
            try:
                layout.require_no_link(self._home, self._work)
                self._work.mkdir(parents=True, exist_ok=True)
                self._temporary = TemporaryFolder("probes", parent=self._work)
                self._work = self._temporary.path
                self._owner = Owner(self._work)
                probes.sweep(self._home)
            except (OSError, CineForgeError):
                self._temporary = TemporaryFolder("probes")
                self._home = self._temporary.path
                self._work = self._home / "work"
                self._work.mkdir()
                self._owner = Owner(self._work)
        log = self._work / "log"
        log.unlink(missing_ok=True)
        return replace(
            spec,
            project=self._work,
            owner=self._owner.token,
            log=log,
            scratch=self._work / "scratch",
            costs=self._work / "costs.jsonl",
        )
