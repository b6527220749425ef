"""Jobs that run in this process's own workers: decided for good, done, and told."""

from __future__ import annotations

import threading
from pathlib import Path

from cineforge.bridge.planning.planned_versions import PlannedVersions
from cineforge.bridge.planning.schedule import Say, Schedule
from cineforge.bridge.wording import beside_text, decision_text, passed_text
from cineforge.deciding.decide import Decision
from cineforge.deciding.facts.store_world import StoreWorld
from cineforge.deciding.instance import Instance
from cineforge.deciding.planner import Planner
from cineforge.deciding.reads import Reads
from cineforge.history.run_record import RunRecord
from cineforge.model.records import run_events as ev
from cineforge.model.records.decision_record import Action
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.running.execute import Job, Runner
from cineforge.running.publish_work import Published
from cineforge.running.workers.pool import WorkerInterrupted
from cineforge.store import ArtifactStore, LinkNotMade

LINKS_TOLD = 5


class LocalJobs:
    """Does the jobs of one run. Safe to use from many threads; `lock` guards what they share."""

    def __init__(
        self,
        store: ArtifactStore,
        world: StoreWorld,
        planner: Planner,
        versions: PlannedVersions,
        schedule: Schedule,
        record: RunRecord,
        runner: Runner,
        run_folder: Path,
        say: Say,
        lock: threading.RLock,
    ) -> None:
        self._store = store
        self._world = world
        self._planner = planner
        self._versions = versions
        self._schedule = schedule
        self._record = record
        self._runner = runner
        self._folder = run_folder
        self._say = say
        self._lock = lock
        self.links_not_made: list[LinkNotMade] = []

    def run(self, instance: Instance, version: int, attempt: int) -> None:
        """Build, or find that the head is kept after all. Raises ModuleFailed, DecisionFailed."""
        with self._lock:
            self._world.look()
            decision = self._planner.final_decision(instance)
            reads = self._planner.reads(instance)
            first = self._planner.decision(instance)
            # A person may have put or held something since the first decision, however certain that was.
            if not first.is_final or decision != first:
                self._record.emit(ev.Decided, decision=decision.record(version=version))
            if decision.action is Action.KEEP:
                self._keep(instance, decision)
                return
            if first.action is Action.UNKNOWN:
                self._say(f"{instance}: {decision_text(decision.record())}")
        published = self._build(instance, version, attempt, reads, decision)
        with self._lock:
            self._world.published(self._made_or_named(instance, published))
            self._versions.lead_to_heads(instance, [head.key for head in published.beside])
            self._schedule.finish(instance)
        self._record.health(self._store.health_changes())
        self._tell(instance, published)

    def _build(
        self, instance: Instance, version: int, attempt: int, reads: Reads, decision: Decision
    ) -> Published:
        job = Job(
            instance,
            self._planner.recipe.stages[instance.stage],
            reads,
            version,
            self._folder.name,
            attempt,
            self._folder / "logs" / f"{instance.file_name}.log",
            may_adopt=not decision.flags.forced,
        )
        try:
            return self._runner.run(job)
        except WorkerInterrupted:
            self._record.interrupted = True
            raise

    def _made_or_named(self, instance: Instance, published: Published) -> set[ArtifactKey]:
        """The artifacts that may have new heads. A person may have made a fan-out's member while it ran."""
        keys = {ref.key for ref in (*published.refs, *published.beside)}
        if published.refs and self._planner.recipe.stages[instance.stage].is_fan_out:
            keys |= self._store.collection_of(published.refs[-1]).keys()
        return keys

    def _tell(self, instance: Instance, published: Published) -> None:
        for trouble in self._store.links_not_made():
            # The first few are enough where a whole folder cannot be written to.
            self.links_not_made.append(trouble)
            if len(self.links_not_made) <= LINKS_TOLD:
                self._say(f"warning: {trouble}")
                self._record.emit(ev.Warned, message=str(trouble))
        for ref in published.refs:
            self._tell_if_passed(ref)
        for text in published.warnings:
            self._say(f"{instance}: warning: {text}")
        if published.adopted:
            self._say(f"{instance}: adopted, the same work was done before")
        for head, folder in published.beside.items():
            text = beside_text(head, folder, self._store.project)
            self._say(text)
            self._record.emit(ev.Warned, message=text)
        if published.refs and self._planner.recipe.stages[instance.stage].is_fan_out:
            made = len(published.refs) - 1
            self._say(f"{instance}: {made} new, {published.kept} kept")
        for key in published.held:
            self._say(f"{key}: held, the machine's version is kept with the collection")

    def _tell_if_passed(self, ref: ArtifactRef) -> None:
        head = self._store.head(ref.key)
        if head is not None and head.version > ref.version:
            self._say(passed_text(ref, head))

    def _keep(self, instance: Instance, decision: Decision) -> None:
        self._versions.keep_heads(instance)
        self._schedule.finish(instance)
        self._record.emit(
            ev.Kept,
            stage=instance.stage,
            entity=instance.entity,
            ref=str(decision.head),
            saved_usd=self._record.cost_of(instance),
        )
        if decision.is_told:
            self._say(f"{instance}: {decision_text(decision.record())}")
        else:
            self._say(f"{instance}: kept after all, {decision.head} is up to date")
