"""One run in the main process: its parts put together, and its end."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from dataclasses import replace

from cineforge.bridge.answers.rule_inputs import RuleInputs
from cineforge.bridge.certificate.issuing import Issuer
from cineforge.bridge.certificate.project_state import settle
from cineforge.bridge.left_to_people import lines_for_people
from cineforge.bridge.local.local_jobs import LocalJobs
from cineforge.bridge.local.run_links import RunLinks
from cineforge.bridge.planning.planned_versions import PlannedVersions
from cineforge.bridge.planning.schedule import Schedule
from cineforge.bridge.process.signals import is_asked_to_finish
from cineforge.bridge.remote.remote_jobs import RemoteJobs, require_fan_outs_apart
from cineforge.bridge.remote.remote_results import RemoteResults
from cineforge.bridge.remote.run_folder import CONFIG_FILE
from cineforge.bridge.run_context import RunContext
from cineforge.bridge.wording import left_out_text, listed
from cineforge.deciding.decide import Decision
from cineforge.deciding.dry_run.make_plan import make_plan
from cineforge.deciding.facts.gates import ANY
from cineforge.deciding.instance import Instance, instance_of
from cineforge.history.run_claims import RunClaims
from cineforge.model.errors import CineForgeError, DecisionFailed
from cineforge.model.names import collection_type
from cineforge.model.records import run_events as ev
from cineforge.model.records.decision_record import Action
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.recipes.resolved import ResolvedStage
from cineforge.running.execute import Runner
from cineforge.running.scrubbing import scrub
from cineforge.running.workers.processes.forked_here import end_server
from cineforge.store.layout import JOBS


class Session:
    """Everything a run does to a project. Its methods may be called from many threads.

    `rule_inputs` answers Snakemake's questions, `jobs` does its jobs, `links` are those of `current/`.
    """

    def __init__(
        self,
        context: RunContext,
        claims: RunClaims,
        forget: Callable[[str], None],
        issuer: Issuer | None = None,
        attempts_of: Callable[[str], int] = lambda _stage: 1,
    ) -> None:
        """`forget` has Snakemake drop what it remembers of a file; `issuer` certifies that there was nothing to do;
        `attempts_of` tells how many attempts a stage's rule has."""
        fan_outs = {stage.id for stage in context.recipe.stages.values() if stage.is_fan_out}
        require_fan_outs_apart(context.settings.groups, fan_outs)
        self._is_closed = False
        self.context = context
        self.links = RunLinks(context)
        self._claims = claims
        self._versions = PlannedVersions(context, forget)
        self.schedule = Schedule(context, self._versions, claims)
        self._remote: RemoteResults | None = None
        if context.settings.remote:
            jobs = RemoteJobs(context, self.schedule)
            self._remote = RemoteResults(context, self.schedule, jobs)
        self._issuer = issuer
        #: Whether all of the work that was asked for has been done.
        self.is_complete = False
        self.rule_inputs = RuleInputs(context, self.schedule, self._remote, issuer)
        self._orphaned = set(self._orphans())
        self._runner = Runner(
            context.store,
            context.world.sources,
            context.log.emit,
            context.settings.instrument,
        )
        self.jobs = LocalJobs(context, self.schedule, self._runner, self.links, attempts_of)

    def do(self, instance: Instance, version: int, attempt: int) -> None:
        """Do a job in this process; what it reads may have been made in others."""
        if self._remote is not None:
            with self.context.lock:
                self._remote.collect(self.context.planner.reads(instance).pending)
        self.jobs.run(instance, version, attempt)

    def collect_all(self) -> None:
        """Collect everything that jobs in other processes have done, failures too."""
        if self._remote is not None:
            with self.context.lock:
                self._remote.collect_all()

    def link(self, key: ArtifactKey) -> None:
        """Make the `current/` link of an artifact."""
        maker = instance_of(self.context.recipe, key.artifact_type, key.entity_id)
        if self._remote is not None and maker is not None:
            with self.context.lock:
                self._remote.collect([maker])
        self.context.store.ensure_current(key)

    def note_error(self, message: str) -> None:
        """Put an error that is not one job's on record, as long as the run goes on."""
        if self._is_closed:
            return
        self.context.log.emit(ev.Failed, message=message)

    def require_complete(self) -> None:
        """Raise DecisionFailed when planned work was never begun, though Snakemake found nothing left to do."""
        if not self.context.settings.executing:
            return
        left = self.context.log.left_over(self._is_left_out)
        if left:
            names = listed([str(instance) for instance in left])
            raise DecisionFailed(
                f"Snakemake ended the run before all of its work was begun: {names}. Run the same command again"
            )

    def stop_workers(self) -> None:
        """End all module calls at once; their jobs fail as interrupted."""
        self.context.log.interrupted = True
        self._runner.stop()

    def close(self) -> None:
        """End the workers and the record, and tidy up, once. What was published stays; all else is disposable."""
        if self._is_closed:
            return
        self._is_closed = True
        with contextlib.suppress(CineForgeError, OSError):
            if self._remote is not None:
                self._remote.collect_all()
            self._say_what_is_left_to_people()
        # Whatever one of them meets, such as a full disk, the others are done.
        with contextlib.ExitStack() as last_to_first:
            if self._issuer is not None:
                last_to_first.callback(self._issuer.keep)
            last_to_first.callback(self._claims.end)
            last_to_first.callback(self.context.store.close)
            # What a person must hear of is said by every run.
            if self._issuer is not None and not self.schedule.reported:
                last_to_first.callback(self._certify, self._issuer)
            last_to_first.callback(self._versions.return_tickets)
            last_to_first.callback(self.context.log.end, self._is_left_out)
            last_to_first.callback(self._note_if_stopped)
            last_to_first.callback(self._record_left_out)
            if self._remote is not None:
                last_to_first.callback(self._scrub)
                last_to_first.callback(self._remote.end)
            self._runner.stop()
            end_server()

    @property
    def left_out(self) -> str:
        """What the budget left out, in words: what was to begin, and what waits for it. Empty when nothing."""
        log = self.context.log
        names = log.left_out and [*log.left_out, *log.left_over(self._is_left_out)]
        if not names:
            return ""
        forced = any(map(self.context.settings.forced, names))
        return left_out_text([str(each) for each in names], log.cost_usd, forced=forced)

    def _record_left_out(self) -> None:
        if self.left_out:
            self.context.log.emit(ev.Failed, message=self.left_out)

    def _certify(self, issuer: Issuer) -> None:
        """Have it certified that nothing is to be done: by now, if the run had work, and did all of it."""
        context = self.context
        if any(self._versions):
            issuer.spoil()
            # Of a part, too little would be certified for what it takes to look at the rest.
            if self.is_complete and context.settings.asked.stages:
                with contextlib.suppress(CineForgeError):
                    self._look_again(issuer)
        issuer.issue(context.store, context.world.sources, context.recipe)

    def _look_again(self, issuer: Issuer) -> None:
        context = self.context
        stages = context.recipe.stages.values()
        context.store.leave_stamp()  # the first one ever also names the project
        settle()  # what was just published
        issuer.look()
        context.store.check_folders()
        issuer.opened(context.store)
        ours_alone = context.world.only_we_changed()
        if context.store.odd_links():
            issuer.spoil()
        # What others changed, or a stage further down, may concern what was decided before.
        simple = not any(each.refines or each.is_gate or _reads_the_store(each) for each in stages)
        kept = context.planner.settled_before if ours_alone and simple else ()
        self.rule_inputs.look_again(issuer, kept)

    def _orphans(self) -> list[ArtifactRef]:
        """What people made for what is there no more."""
        return self.context.store.orphans_of_people()

    def _say_what_is_left_to_people(self) -> None:
        """What is waiting or held, and what this run has orphaned of people's work."""
        world = self.context.world
        world.look()  # somebody may have approved something meanwhile

        def closed_now(gate: ArtifactKey) -> list[ArtifactKey]:
            keys = [gate]
            if gate.entity_id == ANY:
                members = world.members_of_type(gate.artifact_type)
                keys = [ArtifactKey(gate.artifact_type, each) for each in sorted(members)]
            heads = ((key, world.head(key)) for key in keys)
            return [key for key, head in heads if not (head and world.is_approved(head.ref))]

        orphaned = [ref for ref in self._orphans() if ref not in self._orphaned]
        for line in lines_for_people(
            self._left_waiting_or_held(), orphaned, closed_now, self._confirmed_too_late()
        ):
            self.context.say(line)
        if gone := list(self._vanished()):
            names = listed([str(key) for key in gone])
            text = f"gone: {names}, which no fan-out names any more: cineforge status --gone"
            self.context.say(text)

    def _vanished(self) -> Iterator[ArtifactKey]:
        """What the fan-outs that this run has called named before, and nothing names now."""
        store, stages = self.context.store, self.context.recipe.stages
        left_out: set[ArtifactKey] = set()
        for instance in self.schedule.done if self.context.settings.executing else ():
            if not stages[instance.stage].is_fan_out:
                continue
            versions = store.list_versions(collection_type(instance.stage), instance.entity)
            if len(versions) > 1 and versions[-1].version == self._versions.get(instance):
                before, now = map(store.collection_of, versions[-2:])
                left_out |= before.keys() - now.keys()
        rows = store.heads_of(left_out) if left_out else {}
        yield from sorted((key for key, row in rows.items() if row.vanished), key=str)

    def _left_waiting_or_held(self) -> Iterator[Decision]:
        """What a person must hear of; of what has waited for somebody's word, what waits by now, and for what.

        Of what was held, what is held by now. What turned out to be up to date is put on record as that.
        """
        afterwards = self.context.planner_afterwards()
        changed = self.context.world.others_have_changed
        for decision in self.schedule.reported:
            may_be_over = decision.gates or (decision.flags.held and changed)
            if not may_be_over or not self.context.settings.executing:
                yield decision
                continue
            try:
                now = afterwards.decision(decision.instance)
            except DecisionFailed:
                continue  # there is no such entity any more
            if not decision.gates:
                yield now
            elif now.gates or now.has_work:
                yield replace(decision, action=Action.WAIT, gates=now.gates)
            else:
                self.context.log.emit(ev.Decided, decision=now.record())

    def _confirmed_too_late(self) -> list[tuple[ArtifactRef, ArtifactRef]]:
        """The versions that somebody has confirmed while this run made others above them, with those."""
        context = self.context
        if not (context.settings.executing and context.world.others_have_changed):
            return []
        store = context.store
        said = store.confirmed_since(context.began)
        heads = store.heads_of([ref.key for ref in said])
        return [
            (ref, head.ref)
            for ref in said
            if (head := heads[ref.key]).run_id == context.run_id
            and store.list_versions(*ref.key)[-2:] == [ref, head.ref]
        ]

    def _note_if_stopped(self) -> None:
        """By SIGTERM a person stopped the run, unless nothing was left to stop."""
        if is_asked_to_finish() and self.context.log.left_over(self._is_left_out):
            self.context.log.interrupted = True

    def _scrub(self) -> None:
        """Take secrets out of the job files and of what jobs recorded: nobody needs them any longer."""
        folder = self.context.folder
        for path in (folder / CONFIG_FILE, *(folder / JOBS).glob("*")):
            scrub(path, self.context.recipe.secrets)

    def _is_left_out(self, instance: Instance) -> bool:
        """Does `--until` or `--omit-from` leave out an instance that Snakemake asked about nevertheless?"""
        return self.context.settings.limits is not None and instance not in self._within_limits

    @functools.cached_property
    def _within_limits(self) -> set[Instance]:
        settings = self.context.settings
        # Of what lies beyond, and is for the run that goes there.
        with contextlib.suppress(DecisionFailed):
            ahead = make_plan(self.context.planner, settings.asked, settings.limits)
            return {each.instance for stage in ahead for each in stage.at_work}
        return set()


def _reads_the_store(stage: ResolvedStage) -> bool:
    return any(wanted.stored or wanted.producer is None for wanted in stage.inputs)
