"""Jobs that run in this process's own workers: decided for good, done, and reported."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from cineforge.bridge.local.run_links import RunLinks
from cineforge.bridge.planning.schedule import Schedule
from cineforge.bridge.run_context import RunContext
from cineforge.bridge.wording import beside_text, decision_text
from cineforge.deciding.decide import Decision
from cineforge.deciding.instance import Instance
from cineforge.model.errors import CineForgeError
from cineforge.model.records import run_events as ev
from cineforge.model.records.decision_record import Action
from cineforge.running.attempt import Job, all_of
from cineforge.running.execute import Runner
from cineforge.running.execute_batch import Task
from cineforge.running.publishing.work import Published
from cineforge.running.workers.processes.pool_worker import WorkerInterrupted
from cineforge.store import layout

#: What a batch has made is published after about so many seconds of work.
_PUBLISH_SECONDS = 0.5


class LocalJobs:
    """Does the jobs of one run. Safe to use from many threads."""

    def __init__(
        self,
        context: RunContext,
        schedule: Schedule,
        runner: Runner,
        links: RunLinks,
        attempts_of: Callable[[str], int],
    ) -> None:
        """`attempts_of` tells how many attempts a stage's rule has."""
        self._context = context
        self._store = context.store
        self._planner = context.planner
        self._schedule = schedule
        self._runner = runner
        self._links = links
        self._attempts_of = attempts_of
        #: Of instances in batches: the attempts so far, and why those have failed that have no more of them.
        self._attempts: Counter[Instance] = Counter()
        self._failed: dict[Instance, CineForgeError] = {}
        #: By stage: what a call took on average, the last time that there was one; 0 where none is known.
        self._pace: dict[str, float] = {}

    def run(self, instance: Instance, version: int, attempt: int) -> None:
        """Build, or find that the head is kept after all. Raises ModuleFailed, DecisionFailed.

        A published version that was asked for by hand gets its ticket again.
        """
        versions = self._schedule.versions
        if versions.get(instance) != version:
            mark = self._context.recipe.stages[instance.stage].ticket_mark
            self._store.ensure_ticket(versions.published(instance, version), by=mark)
            return
        batch = self._schedule.batches.of(instance)
        if len(batch) > 1:
            if instance == batch[0]:
                self._run_batch(batch)
            return
        with self._context.lock:
            self._context.world.look()
            job = self._decided(instance, attempt)
        if job is not None:
            self._took({instance: self._build(job)})

    # -- one instance, or many ---------------------------------------------------------------------

    def _build(self, job: Job) -> Published:
        try:
            return self._runner.run(job)
        except WorkerInterrupted:
            self._context.log.interrupted = True
            raise

    def _run_batch(self, batch: Sequence[Instance]) -> None:
        """Do what is left of a batch, in pieces that take about as long as work may be lost. Its ticket comes last.

        Each instance has the attempts that its rule has, and none more when Snakemake tries the batch again.
        """
        versions, stage_id = self._schedule.versions, batch[0].stage
        if not versions.is_postponed(batch[0]):
            versions.postpone(batch[0])
        go_on = self._context.settings.keep_going
        failures = {each: self._failed[each] for each in batch if each in self._failed}
        left = [each for each in batch if each not in self._schedule.done and each not in failures]
        while left and (go_on or not failures):
            ended = self._run_piece(left[: self._piece(stage_id)], go_on=go_on)
            left = [each for each in left if each not in ended]
            for instance, error in ended.items():
                self._attempts[instance] += 1
                if error is not None and self._attempts[instance] < self._attempts_of(stage_id):
                    left.append(instance)
                elif error is not None:
                    failures[instance] = self._failed[instance] = error
        if failures:
            raise all_of(list(failures.values()))
        versions.make_tickets(batch[0])

    def _piece(self, stage_id: str) -> int:
        """How many calls are made in one go. Of a module that nobody knows, one."""
        options = self._context.recipe.stages[stage_id].options
        pace = self._pace.get(stage_id, 0.0)
        return max(1, int(_PUBLISH_SECONDS / pace)) if pace and not options.timeout else 1

    def _run_piece(
        self, piece: Sequence[Instance], *, go_on: bool
    ) -> dict[Instance, CineForgeError | None]:
        """Do some instances. Returned are those that have begun, each with why it failed, or None."""
        jobs = []
        ended: dict[Instance, CineForgeError | None] = {}
        with self._context.lock:
            self._context.world.look()
            for instance in piece:
                try:
                    job = self._decided(instance, self._attempts[instance] + 1)
                except CineForgeError as error:
                    ended[instance] = error
                    continue
                if job is None:
                    ended[instance] = None
                else:
                    jobs.append(job)
        made = {}
        for task in self._run_jobs(jobs, go_on=go_on) if jobs else ():
            instance = task.job.instance
            if isinstance(task.ended, Published):
                made[instance] = task.ended
                ended[instance] = None
            elif task.ended is not None:
                ended[instance] = task.ended
        self._took(made)
        return ended

    def _run_jobs(self, jobs: Sequence[Job], *, go_on: bool) -> Sequence[Task]:
        try:
            tasks = self._runner.run_batch(jobs, go_on=go_on)
        except WorkerInterrupted:
            self._context.log.interrupted = True
            raise
        called = [each.attempt.report for each in tasks if each.attempt.report]
        if any(each.costs for each in tasks):
            self._pace[jobs[0].stage.id] = 0.0  # paid work is published at once
        elif called:
            mean = sum(each.seconds for each in called) / len(called)
            self._pace[jobs[0].stage.id] = max(mean, 1e-4)
        return tasks

    # -- before and after --------------------------------------------------------------------------

    def _decided(self, instance: Instance, attempt: int) -> Job | None:
        """What is to be done, now that everything upstream has run; None when the head is kept."""
        version = self._schedule.versions.get(instance)
        assert version is not None, "only what has a number has a job"
        first = self._planner.decision(instance)
        decision = self._planner.final_decision(instance)
        # A person may have put or held something since the first decision, however certain that was.
        if not first.is_final or decision != first:
            self._context.log.emit(ev.Decided, decision=decision.record(version=version))
        if decision.action is Action.KEEP:
            self._keep(instance, decision)
            return None
        reads = self._planner.reads(instance)
        self._schedule.require_planned(instance, reads)
        if first.action is Action.UNKNOWN:
            self._context.say(f"{instance}: {decision_text(decision.record())}")
        return Job(
            instance,
            self._context.recipe.stages[instance.stage],
            reads,
            self._schedule.versions.number_above_heads(instance),
            self._context.run_id,
            attempt,
            self._context.folder / layout.LOGS / f"{instance.file_name}.log",
            may_adopt=not decision.flags.forced,
            ticket=not self._schedule.versions.is_postponed(instance),
            expected_usd=self._schedule.expected_usd(instance),
        )

    def _took(self, made: Mapping[Instance, Published]) -> None:
        """Let what was published count, and report it."""
        if not made:
            return
        with self._context.lock:
            self._context.world.published(
                ref.key for each in made.values() for ref in (*each.refs, *each.beside)
            )
            for instance, published in made.items():
                self._schedule.versions.lead_to_refined(instance, published.refs)
                self._schedule.versions.lead_to_heads(
                    instance, [head.key for head in published.beside]
                )
                self._schedule.finish(instance)
        self._context.log.health(self._store.health_changes())
        self._links.warn_of_not_made()
        self._context.say_if_superseded(ref for each in made.values() for ref in each.refs)
        for instance, published in made.items():
            self._report(instance, published)

    def _is_fan_out(self, instance: Instance) -> bool:
        return self._context.recipe.stages[instance.stage].is_fan_out

    def _report(self, instance: Instance, published: Published) -> None:
        say = self._context.say
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
            self._schedule.reported.append(decision)
            self._context.say(f"{instance}: {decision_text(decision.record())}")
        else:
            self._context.say(f"{instance}: kept after all, {decision.head} is up to date")
