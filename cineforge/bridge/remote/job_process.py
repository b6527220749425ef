"""A job in another process than the run's own, on any host: it does what was frozen, and decides nothing anew."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from cineforge.bridge.process.signals import stop_with
from cineforge.bridge.remote.job_file import FrozenJob, read_job
from cineforge.bridge.wording import beside_text, decision_text
from cineforge.deciding.decide import Decision, Facts, HeadFacts, decide
from cineforge.deciding.facts.source_files import SourceFiles
from cineforge.deciding.instance import Instance
from cineforge.deciding.reads import Reads
from cineforge.history.job_events import JOBS, SUFFIX, append_event
from cineforge.history.run_claims import Claim, job_claim
from cineforge.history.run_files import write_private
from cineforge.model.errors import CineForgeError, DecisionFailed, ModuleFailed, StoreDamaged
from cineforge.model.names import check_segment
from cineforge.model.project_config import ProjectConfig
from cineforge.model.records import run_events as ev
from cineforge.model.records.decision_record import Action
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.recipes.resolved import ResolvedRecipe, ResolvedStage
from cineforge.running.execute import Job, Runner
from cineforge.store import DetachedStore, HeadRow
from cineforge.store.disk.safe_files import read_regular, read_text, write_new

WORKFLOW_FILE = "workflow.smk"
GROUPS_FILE = "groups.json"
CONFIG_FILE = "config.json"


def run_folder_of(project: Path, run_id: str) -> Path:
    """The folder of the run that a job belongs to. Raises DecisionFailed when the run left none."""
    folder = project / "runs" / check_segment("run id", run_id)
    if not (folder / CONFIG_FILE).is_file():
        raise DecisionFailed(
            f"{folder} holds no frozen plan: jobs in other processes need the main one's folder,"
            " on a file system that all hosts share"
        )
    return folder


def freeze_workflow(
    folder: Path, compiled: Path, config: MutableMapping[str, Any], groups: Mapping[str, str]
) -> None:
    """Keep the workflow, its configuration and its groups as they are now, for the jobs of a run."""
    (folder / JOBS).mkdir(parents=True, exist_ok=True)
    if compiled.is_file():
        write_new(folder / WORKFLOW_FILE, read_regular(compiled))
    write_private(folder / CONFIG_FILE, json.dumps(dict(config)))
    write_new(folder / GROUPS_FILE, json.dumps(dict(groups)))


def thaw_config(folder: Path, config: MutableMapping[str, Any]) -> None:
    """Fill Snakemake's `config` with what it was when the run began."""
    config.update(json.loads(read_text(folder / CONFIG_FILE)))


def groups_of(folder: Path) -> dict[str, str]:
    """The groups that a run put its stages' jobs in, by stage."""
    groups: dict[str, str] = json.loads(read_text(folder / GROUPS_FILE))
    return groups


class DetachedSession:
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
        """Why the job is there, as the main process said it."""
        return self._job(instance, version).why

    def run(self, instance: Instance, version: int, attempt: int) -> None:
        """Do a job, unless it was done meanwhile. Raises ModuleFailed, DecisionFailed."""
        job = self._job(instance, version)
        record = functools.partial(
            append_event, self._folder / JOBS / f"{instance.file_name}{SUFFIX}"
        )
        place = {"stage": instance.stage, "entity": instance.entity, "attempt": attempt}
        try:
            self._run(job, attempt, record)
        except ModuleFailed:
            raise  # told by the runner
        except CineForgeError as error:
            # Said here it would stand in a log of this host alone.
            with suppress(OSError):
                record(ev.JobStarted, **place)
                record(ev.JobFinished, **place, seconds=0.0, error=str(error))
            raise

    def _run(self, job: FrozenJob, attempt: int, record: Callable[..., None]) -> None:
        stage = self._stage(job)
        makes = [Claim(key.artifact_type, key.entity_dir) for key in _output_keys(stage, job)]

        def tell() -> None:
            self._say(f"{job.instance}: another process is at this very job, and is waited for")

        with job_claim(self._project, job.run_id, job.instance.file_name, makes, tell):
            self._do(job, stage, attempt, record)

    def _do(
        self, job: FrozenJob, stage: ResolvedStage, attempt: int, record: Callable[..., None]
    ) -> None:
        instance = job.instance
        store = DetachedStore(self._project, job.index())
        place = {"stage": instance.stage, "entity": instance.entity}
        try:
            facts = job.facts(self._project, store.metadata, self._resolve().secrets)
            done = self._published(store, job, stage, facts.reads)
            if done:
                self._say(f"{instance}: an earlier attempt has published {done[0]}")
                record(ev.Published, **place, refs=tuple(map(str, done)))
                return
            heads = store.heads_now(_output_keys(stage, job))
            decision = decide(_heeding_people(facts, heads, len(_output_keys(stage, job))))
            record(ev.Decided, decision=decision.record(version=job.version))
            if decision.action is Action.KEEP:
                for row in heads.values():
                    store.ensure_ticket(row.ref, job.version)
                record(ev.Kept, **place, ref=str(decision.head))
                if decision.flags.held:
                    text = decision_text(decision.record())
                    record(ev.Warned, message=f"{instance}: {text}")
                else:
                    self._say(f"{instance}: kept after all, {decision.head} is up to date")
                return
            self._build(store, job, stage, facts.reads, decision, attempt, record)
        finally:
            store.close()

    def _build(
        self,
        store: DetachedStore,
        job: FrozenJob,
        stage: ResolvedStage,
        reads: Reads,
        decision: Decision,
        attempt: int,
        record: Callable[..., None],
    ) -> None:
        log = self._folder / "logs" / f"{job.instance.file_name}.log"
        runner = Runner(
            store,
            ProjectConfig(values=job.config),
            self._sources,
            record,
            job.instrument,
        )
        stop_with(runner.stop)
        try:
            published = runner.run(
                Job(
                    job.instance,
                    stage,
                    reads,
                    job.version,
                    job.run_id,
                    attempt,
                    log,
                    may_adopt=not decision.flags.forced,
                )
            )
        except ModuleFailed:
            # The same job may run twice at once: a scheduler gave one up for lost that was not.
            if not self._published(store, job, stage, reads):
                raise
            return
        finally:
            runner.stop()
        for text in published.warnings:
            self._say(f"{job.instance}: warning: {text}")
        heads = store.heads_now(head.key for head in published.beside)
        for head, folder in published.beside.items():
            store.ensure_ticket(heads[head.key].ref, job.version)
            record(ev.Warned, message=beside_text(head, folder, self._project))

    def _published(
        self, store: DetachedStore, job: FrozenJob, stage: ResolvedStage, reads: Reads
    ) -> list[ArtifactRef]:
        """What an earlier attempt at this very job published, its tickets made again; empty unless all is there."""
        refs = [
            ArtifactRef(
                artifact_type=key.artifact_type, entity_id=key.entity_id, version=job.version
            )
            for key in _output_keys(stage, job)
        ]
        for ref in refs:
            if not store.is_published(ref):
                return []
            try:
                record = store.metadata(ref)
            except StoreDamaged:
                return []
            made = record.fingerprint
            if record.run_id != job.run_id or made is None or made.digest != reads.digest:
                return []
        for ref in refs:
            store.ensure_ticket(ref)
        return refs

    def _job(self, instance: Instance, version: int) -> FrozenJob:
        job = read_job(self._folder / JOBS, instance)
        if job.version != version:
            raise DecisionFailed(
                f"{instance} was planned as version {job.version}, not {version}: this is a defect of the plan"
            )
        return job

    def _stage(self, job: FrozenJob) -> ResolvedStage:
        """The stage as planned. Raises DecisionFailed when its code or schemas are others here and now, or
        ProblemsFound when they can no longer be read."""
        stage = self._resolve().stages[job.stage]
        schemas = {output.artifact_type: output.schema_digest for output in stage.outputs}
        if stage.module.code_digest != job.code or schemas != job.schemas:
            raise DecisionFailed(
                f"{stage.module.folder} or the schemas of what it makes were changed since the run was planned,"
                " or are others on this host: run the same command again"
            )
        return replace(stage, params=job.params)


def _heeding_people(facts: Facts, heads: Mapping[ArtifactKey, HeadRow], outputs: int) -> Facts:
    """The facts, with what people have put or held since they were frozen."""
    held = next((row for row in heads.values() if row.held), None)
    if held is None or len(heads) < outputs:
        return facts
    if facts.head is None:
        return replace(facts, head=HeadFacts(held.ref, held.fingerprint, held=True))
    return replace(facts, head=replace(facts.head, ref=held.ref, held=True))


def _output_keys(stage: ResolvedStage, job: FrozenJob) -> tuple[ArtifactKey, ...]:
    return tuple(ArtifactKey(name, job.entity) for name in stage.ticket_types)
