"""Jobs that run in this process's own workers: decided for good, done, and reported."""

from __future__ import annotations

from cineforge.bridge.local.run_links import RunLinks
from cineforge.bridge.planning.schedule import Schedule
from cineforge.bridge.run_context import RunContext
from cineforge.bridge.wording import beside_text, decision_text
from cineforge.deciding.decide import Decision
from cineforge.deciding.instance import Instance
from cineforge.deciding.reads import Reads
from cineforge.model.records import run_events as ev
from cineforge.model.records.decision_record import Action
from cineforge.model.refs import ArtifactKey
from cineforge.running.execute import Job, Runner
from cineforge.running.publish_work import Published
from cineforge.running.workers.pool import WorkerInterrupted
from cineforge.store import layout


class LocalJobs:
    """Does the jobs of one run. Safe to use from many threads."""

    def __init__(
        self, context: RunContext, schedule: Schedule, runner: Runner, links: RunLinks
    ) -> None:
        self._context = context
        self._store = context.store
        self._planner = context.planner
        self._schedule = schedule
        self._runner = runner
        self._links = links

    def run(self, instance: Instance, version: int, attempt: int) -> None:
        """Build, or find that the head is kept after all. Raises ModuleFailed, DecisionFailed.

        A published version that was asked for by hand gets its ticket again.
        """
        versions, log = self._schedule.versions, self._context.log
        if versions.get(instance) != version:
            mark = self._context.recipe.stages[instance.stage].ticket_mark
            self._store.ensure_ticket(versions.published(instance, version), by=mark)
            return
        with self._context.lock:
            self._context.world.look()
            first = self._planner.decision(instance)
            decision = self._planner.final_decision(instance)
            # A person may have put or held something since the first decision, however certain that was.
            if not first.is_final or decision != first:
                log.emit(ev.Decided, decision=decision.record(version=version))
            if decision.action is Action.KEEP:
                self._keep(instance, decision)
                return
            reads = self._planner.reads(instance)
            self._schedule.require_planned(instance, reads)
            if first.action is Action.UNKNOWN:
                self._context.say(f"{instance}: {decision_text(decision.record())}")
            number = versions.number_above_heads(instance)
            job = self._job(reads, decision, number, attempt)
        published = self._build(job)
        with self._context.lock:
            self._context.world.published(self._made_or_named(instance, published))
            versions.lead_to_refined(instance, published.refs)
            versions.lead_to_heads(instance, [head.key for head in published.beside])
            self._schedule.finish(instance)
        log.health(self._store.health_changes())
        self._report(instance, published)

    def _job(self, reads: Reads, decision: Decision, version: int, attempt: int) -> Job:
        instance = decision.instance
        return Job(
            instance,
            self._context.recipe.stages[instance.stage],
            reads,
            version,
            self._context.run_id,
            attempt,
            self._context.folder / layout.LOGS / f"{instance.file_name}.log",
            may_adopt=not decision.flags.forced,
            expected_usd=self._schedule.expected_usd(instance),
        )

    def _build(self, job: Job) -> Published:
        try:
            return self._runner.run(job)
        except WorkerInterrupted:
            self._context.log.interrupted = True
            raise

    def _made_or_named(self, instance: Instance, published: Published) -> set[ArtifactKey]:
        """The artifacts that may have new heads. A person may have made a fan-out's member while it ran."""
        keys = {ref.key for ref in (*published.refs, *published.beside)}
        if published.refs and self._is_fan_out(instance):
            keys |= self._store.collection_of(published.refs[-1]).keys()
        return keys

    def _is_fan_out(self, instance: Instance) -> bool:
        return self._context.recipe.stages[instance.stage].is_fan_out

    def _report(self, instance: Instance, published: Published) -> None:
        say = self._context.say
        self._links.warn_of_not_made()
        self._context.say_if_superseded(published.refs)
        for text in published.warnings:
            say(f"{instance}: warning: {text}")
        if published.adopted:
            say(f"{instance}: adopted, the same work was done before")
        for head, folder in published.beside.items():
            text = beside_text(head, folder, self._context.project)
            say(text)
            self._context.log.emit(ev.Warned, message=text)
        if published.refs and self._is_fan_out(instance):
            made = len(published.refs) - 1
            say(f"{instance}: {made} new, {published.kept} kept")
        for key in published.held:
            say(f"{key}: held, the machine's version is kept with the collection")

    def _keep(self, instance: Instance, decision: Decision) -> None:
        self._schedule.versions.keep_heads(instance)
        self._schedule.finish(instance)
        self._context.log.emit(
            ev.Kept,
            stage=instance.stage,
            entity=instance.entity,
            ref=str(decision.head),
            saved_usd=self._context.log.cost_of(instance),
        )
        if decision.is_reported:
            self._context.say(f"{instance}: {decision_text(decision.record())}")
        else:
            self._context.say(f"{instance}: kept after all, {decision.head} is up to date")
