"""One Snakemake command on one project: decisions turned into paths, and jobs into published versions."""

from __future__ import annotations

import contextlib
import math
import secrets
import threading
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from cineforge.bridge.paths import current_path, payload_path, ticket_path
from cineforge.bridge.plan_file import PlanFile
from cineforge.bridge.planned_versions import PlannedVersions
from cineforge.bridge.remote_jobs import RemoteJobs, require_fan_outs_apart
from cineforge.bridge.run_claims import EVERY, Claim, RunClaims
from cineforge.bridge.run_options import RunOptions
from cineforge.bridge.run_record import RunRecord
from cineforge.bridge.run_settings import RunSettings
from cineforge.bridge.wording import decision_text, listed, reason_text
from cineforge.deciding.decide import Action, Decision
from cineforge.deciding.instance import Instance, instance_of
from cineforge.deciding.outlook import outlook, selected_instances
from cineforge.deciding.planner import Planner
from cineforge.deciding.reads import Reads
from cineforge.deciding.store_world import StoreWorld
from cineforge.model import run_events as ev
from cineforge.model.errors import DecisionFailed
from cineforge.model.health import PROJECT_CONFIG_TYPE
from cineforge.model.metadata import Provenance, Source
from cineforge.model.project_config import ProjectConfig
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.recipes.resolved import ResolvedRecipe
from cineforge.running.costs_file import unrecorded_costs
from cineforge.running.execute import Job, Runner
from cineforge.running.job_events import JOBS
from cineforge.running.pool import WorkerInterrupted
from cineforge.running.run_files import read_events
from cineforge.store import ArtifactStore

Say = Callable[[str], None]


class Session:
    """Everything a run does to a project. Its methods may be called from many threads."""

    def __init__(
        self,
        store: ArtifactStore,
        recipe: ResolvedRecipe,
        settings: RunSettings,
        schema_folders: tuple[Path, ...],
        search_folders: Iterable[Path],
        say: Say,
        forget: Callable[[str], None],
        options: RunOptions,
        claims: RunClaims,
    ) -> None:
        """`say` tells a person something; `forget` has Snakemake drop what it remembers of a link."""
        self.recipe = recipe
        self.settings = settings
        self.options = options
        self.store = store
        self.world = StoreWorld(store, search_folders)
        self.config = ProjectConfig(values=dict(recipe.project))
        self.planner = self.fresh_planner()
        self.run_id = claims.run_id
        self._claims = claims
        self._say = say
        self.folder = store.project / "runs" / self.run_id
        self._record = RunRecord(self.folder, self.run_id, recipe, self._cost_of, options.command)
        self._plan = PlanFile(self.folder, self.run_id, recipe.recipe_id)
        self._versions = PlannedVersions(
            store, self.planner, self.run_id, settings.executing, forget
        )
        self._remote = (
            RemoteJobs(
                store,
                self.planner,
                self._versions,
                self.folder / JOBS,
                self.run_id,
                options.instrument,
            )
            if settings.remote
            else None
        )
        self._recorded: set[Instance] = set()
        self._done: set[Instance] = set()
        self._lock = threading.RLock()
        self._runner = Runner(
            store,
            self.config,
            schema_folders,
            self.world.sources,
            self._record.emit,
            options.instrument,
        )
        fan_outs = {stage.id for stage in recipe.stages.values() if stage.is_fan_out}
        require_fan_outs_apart(settings.groups, fan_outs)
        if settings.executing and options.run_id:
            self._record.begin()

    # -- what Snakemake's input functions ask ------------------------------------------------------

    def stage_targets(self, stage_id: str) -> list[str]:
        """The tickets of all work to be done in a stage, and of the fan-outs that must run to know the rest.

        With nothing to do, one payload that is there: Snakemake runs a rule that has no input at all.
        """
        with self._lock:
            instances, waits = self._asked_of(stage_id)
            if self._take_up(waits):
                instances, waits = self._asked_of(stage_id)
            if waits and not self.settings.executing:
                names = listed([str(instance) for instance in waits])
                self._say(f"{stage_id}: what there is to do is known only when {names} has run")
            # What has run is left out: Snakemake weighs every input anew whenever a fan-out has finished.
            left = [each for each in (*waits, *instances) if each not in self._done]
            return self._tickets(left) or self._something_there(stage_id, instances)

    def _asked_of(self, stage_id: str) -> tuple[list[Instance], tuple[Instance, ...]]:
        """The instances that a stage's aggregate stands for, and the fan-outs that must run to know the rest."""
        narrowed = self.settings.narrowed
        if narrowed is None or stage_id not in narrowed.touched:
            return self.planner.instances(stage_id)
        instances, waits = selected_instances(self.planner, narrowed, stage_id)
        if not instances and not waits:
            globs = listed([f"{stage_id}/{each.entity}" for each in narrowed.of(stage_id)])
            self._say(f"nothing matches {globs}")
        return instances, waits

    def _something_there(self, stage_id: str, instances: list[Instance]) -> list[str]:
        if not instances:
            entity_type = self.recipe.stages[stage_id].for_each
            assert entity_type is not None, "a stage without for_each always has its one instance"
            domain = self.recipe.domains[entity_type]
            return self._something_there(domain.stage, self.planner.instances(domain.stage)[0])
        head = self.world.head(self.planner.output_keys(instances[0])[0])
        return [payload_path(head.ref)] if head else []

    def job_inputs(self, instance: Instance, version: int) -> list[str]:
        """The inputs of the job that makes a ticket: planned ones as tickets, published ones as payloads.

        A published ticket asked for by hand has its own version's payload as its only input.
        """
        with self._lock:
            self.schedule([instance])
            if version != self._versions.get(instance):
                return [payload_path(self._published(instance, version))]
            reads = self.planner.reads(instance)
            if self._take_up(reads.pending):
                reads = self.planner.reads(instance)
            paths = self._paths_read(reads)
            if self._remote is not None:
                self._remote.freeze(instance, version, paths, self.reason(instance, version))
            return paths

    def current_inputs(self, key: ArtifactKey) -> tuple[list[str], bool]:
        """What a `current/` link waits for, and whether the link is already right."""
        with self._lock:
            maker = instance_of(self.recipe, key.artifact_type, key.entity_id)
            if maker is None:
                raise DecisionFailed(f"the recipe '{self.recipe.recipe_id}' makes no {key}")
            tickets = self._tickets([maker])
            self._take_up([maker])
            if tickets and maker not in self._done:
                return tickets, False
            head = self.store.head(key)
            if head is None:
                raise DecisionFailed(f"{maker} has run, but there is no {key}: it was not emitted")
            if self.settings.executing:
                self.store.ensure_current(key)
            is_right = (self.store.project / current_path(key)).resolve() == (
                self.store.project / payload_path(head)
            ).resolve()
            return tickets or [payload_path(head)], is_right

    def reason(self, instance: Instance, version: int) -> str:
        """Why a job is there, in words."""
        with self._lock:
            decision = self.planner.decision(instance)
            if self._versions.get(instance) != version:
                return f"{instance}: link to a published version"
            return f"{instance}: {decision_text(decision)}"

    # -- scheduling --------------------------------------------------------------------------------

    def schedule(self, instances: Iterable[Instance]) -> None:
        """Decide for some instances and reserve numbers for those that have work to do."""
        fresh = [self.planner.decision(each) for each in instances if each not in self._recorded]
        todo = [decision for decision in fresh if decision.action is not Action.KEEP]
        if todo:
            self._claims.add(self._claimed(decision.instance for decision in todo))
            self._versions.plan([decision.instance for decision in todo])
            if self.settings.executing:
                self._record.begin()
        for decision in fresh:
            self._recorded.add(decision.instance)
            self._note(decision)
        self._record.flush()

    def fresh_planner(self) -> Planner:
        """A planner to look ahead with: what is decided too early must not be what the run goes by."""
        settings = self.settings
        return Planner(
            self.recipe,
            self.world,
            self.config,
            settings.forced,
            self.options.start_from,
            settings.heeded,
        )

    def claim_ahead(self) -> None:
        """Claim all that the targets need, also what is known only when fan-outs have run. Raises ProjectBusy.

        So an overlap is told before anything has begun.
        """
        ahead = outlook(self.fresh_planner(), self.settings.asked, self.settings.limits)
        claims: list[Claim] = []
        for stage in ahead:
            claims += self._claimed(each.instance for each in (*stage.build, *stage.unknown))
            for fan_out in stage.waits_for:
                entity = EVERY if fan_out.entity is None else f"{fan_out.entity}.{EVERY}"
                types = self.recipe.stages[stage.stage].ticket_types
                claims += [Claim(name, entity) for name in types]
        self._claims.add(claims)

    def _claimed(self, instances: Iterable[Instance]) -> Iterator[Claim]:
        for instance in instances:
            for key in self.planner.output_keys(instance):
                yield Claim(key.artifact_type, key.entity_dir)

    def _note(self, decision: Decision) -> None:
        """Put one decision on record, and say what a person must know at once."""
        instance = decision.instance
        place = {"stage": instance.stage, "entity": instance.entity}
        version = self._versions.get(instance)
        self._plan.add(decision, version)
        texts = tuple(reason_text(reason) for reason in decision.reasons)
        if version is not None:
            certain = decision.action is Action.BUILD
            reasons = texts or (decision_text(decision),)
            self._record.emit(
                ev.Planned, **place, certain=certain, version=version, reasons=reasons
            )
        elif decision.is_told:
            self._say(f"{instance}: {decision_text(decision)}")
            self._record.emit(ev.Held, **place, unseen=texts)
        else:
            self._record.up_to_date(instance)

    def _tickets(self, instances: Iterable[Instance]) -> list[str]:
        instances = list(instances)
        self.schedule(instances)
        return self._versions.tickets(instances)

    def _paths_read(self, reads: Reads) -> list[str]:
        stage = self.recipe.stages[reads.instance.stage]
        waits = list(reads.waits_for)
        paths: list[str] = []
        for states in reads.inputs.values():
            for state in states:
                if state.pending is not None:
                    waits.append(state.pending)
                elif state.ref is not None:
                    paths.append(payload_path(state.ref))
        for other in stage.after:
            instances, unsettled = self.planner.instances(other)
            waits += [*unsettled, *instances]
        return list(dict.fromkeys([*self._tickets(dict.fromkeys(waits)), *paths]))

    def _published(self, instance: Instance, version: int) -> ArtifactRef:
        """A published version of the instance's outputs whose ticket was asked for by hand."""
        keys = self.planner.output_keys(instance)
        for key in keys:
            for ref in self.store.list_versions(*key):
                if ref.version == version:
                    return ref
        raise DecisionFailed(
            f"{ticket_path(keys[0], version)} is neither published nor planned:"
            f" ask for {current_path(keys[0])} instead"
        )

    # -- jobs --------------------------------------------------------------------------------------

    def run(self, instance: Instance, version: int, attempt: int) -> None:
        """Do a job: build, or find that the head is kept after all. Raises ModuleFailed, DecisionFailed."""
        with self._lock:
            if self._versions.get(instance) != version:
                self.store.ensure_ticket(self._published(instance, version))
                return
            decision = self.planner.final_decision(instance)
            reads = self.planner.reads(instance)
            self._plan.flush()
            if decision.action is Action.KEEP:
                self._keep(instance, decision)
                return
            if self.planner.decision(instance).action is Action.UNKNOWN:
                self._say(f"{instance}: {decision_text(decision)}")
        stage = self.recipe.stages[instance.stage]
        name = instance.stage if instance.entity is None else f"{instance.stage}.{instance.entity}"
        log = self.folder / "logs" / f"{name}.log"
        try:
            published = self._runner.run(
                Job(
                    instance,
                    stage,
                    reads,
                    version,
                    self.run_id,
                    attempt,
                    log,
                    may_adopt=not decision.forced,
                )
            )
        except WorkerInterrupted:
            self._record.interrupted = True
            raise
        with self._lock:
            self.world.published([ref.key for ref in published.refs])
            self._finish(instance)
        self._record_health()
        for ref in published.refs:
            self._report_passed(ref)
        for text in published.warnings:
            self._say(f"{instance}: warning: {text}")
        if published.adopted:
            self._say(f"{instance}: adopted, the same work was done before")
        if stage.is_fan_out:
            made = len(published.refs) - 1
            self._say(f"{instance}: {made} new, {published.kept} kept")
        for key in published.held:
            self._say(f"{key}: held, the machine's version is kept with the collection")

    def _keep(self, instance: Instance, decision: Decision) -> None:
        self._versions.keep_heads(instance)
        self._finish(instance)
        self._record.emit(
            ev.Kept,
            stage=instance.stage,
            entity=instance.entity,
            ref=str(decision.head),
            saved_usd=self._cost_of(instance),
        )
        if decision.is_told:
            self._say(f"{instance}: {decision_text(decision)}")
        else:
            self._say(f"{instance}: kept after all, {decision.head} is up to date")

    def _take_up(self, instances: Iterable[Instance]) -> bool:
        """Take up what jobs in other processes have done for these instances; True when there was any."""
        if self._remote is None:
            return False
        found = {
            each: refs
            for each in instances
            if each not in self._done and (refs := self._remote.finished(each))
        }
        if not found:
            return False
        self.world.published(self._remote.take_up(ref for refs in found.values() for ref in refs))
        for instance, refs in found.items():
            if refs[0].version != self._versions.get(instance):
                self._versions.note_kept(instance)
            self._finish(instance)
        self._repeat_events()
        return True

    def take_up_all(self) -> None:
        """Take up everything that jobs in other processes have done, failures too."""
        if self._remote is not None:
            with self._lock:
                self._take_up(self._versions)
                # A version whose ticket Snakemake deleted, because a sibling failed, is there all the same.
                self.store.catch_up()
                self._repeat_events()

    def _repeat_events(self) -> None:
        """Put on record, and say, what jobs in other processes have told."""
        assert self._remote is not None, "only remote jobs tell by files"
        for event in self._remote.events():
            self._record.repeat(event)
            match event:
                case ev.JobFinished(error=error) if error:
                    instance = Instance(event.stage, event.entity)
                    module = self.recipe.stages[event.stage].module.module_id
                    self._say(f"{instance} ({module}) failed: {error}\n  log: {event.log}")
                case ev.Warned(message=message):
                    self._say(f"warning: {message}")
        self._record_health()

    def _record_lost_costs(self) -> None:
        """What attempts had paid whose host was lost before they could tell."""
        if self._record.recorder is not None:
            for cost in unrecorded_costs(self.folder, read_events(self.folder), datetime.now(UTC)):
                self._record.repeat(cost)

    def _record_health(self) -> None:
        for change in self.store.health_changes():
            self._record.emit(
                ev.HealthChanged,
                artifact=str(change.key),
                before=change.before,
                after=change.after,
            )

    def _finish(self, instance: Instance) -> None:
        self.planner.mark_done(instance)
        self._done.add(instance)

    def _report_passed(self, ref: ArtifactRef) -> None:
        head = self.store.head(ref.key)
        if head is not None and head.version > ref.version:
            self._say(f"{ref} was published, but {head} has been made meanwhile and stays the head")

    def link(self, key: ArtifactKey) -> None:
        """Make the `current/` link of an artifact."""
        with self._lock:
            maker = instance_of(self.recipe, key.artifact_type, key.entity_id)
            self._take_up([] if maker is None else [maker])
        self.store.ensure_current(key)

    def note_what_is_used_as_it_is(self) -> None:
        """Say which heads upstream of `--start-from` are used although they have not seen everything."""
        start = self.options.start_from
        if start is not None:
            for stage in self.recipe.upstream(start):
                with contextlib.suppress(
                    DecisionFailed
                ):  # what the targets need is decided again, and told
                    self.schedule(self.planner.instances(stage)[0])

    def note_error(self, message: str) -> None:
        """Put an error that is not one job's on record."""
        self._record.emit(ev.Failed, message=message)

    def _cost_of(self, instance: Instance) -> float:
        """What making the heads of an instance had cost, in US dollars."""
        heads = (self.world.head(key) for key in self.planner.output_keys(instance))
        calls = [call for head in heads if head for call in self.store.metadata(head.ref).cost]
        return math.fsum(call.estimated_cost_usd for call in calls)

    # -- begin and end -----------------------------------------------------------------------------

    def link_all_heads(self) -> None:
        """Make the `current/` folder again if it was deleted."""
        if not (self.store.project / "current").is_dir():
            for key in self.store.heads():
                self.store.ensure_current(key)

    def record_config(self) -> None:
        """Save the project's configuration as a version, if it is not what this recipe's last run had.

        Recipes that take turns, each with values of its own, would else make a version at every turn.
        """
        self.store.health_changes()  # from here on they go on record
        data = self.config.model_dump(mode="json")
        recipe = self.recipe.recipe_id
        for ref in reversed(self.store.list_versions(PROJECT_CONFIG_TYPE)):
            if self.store.metadata(ref).producing_module == recipe:
                if self.store.load_data(ref) == data:
                    return
                break
        said = Provenance(
            intent=f"The configuration of a run of {recipe}.",
            source=Source.HUMAN,
            producing_module=recipe,
        )
        self.store.save_artifact(PROJECT_CONFIG_TYPE, None, data, said)

    def stop_workers(self) -> None:
        """End all module calls at once; their jobs fail as interrupted."""
        self._record.interrupted = True
        self._runner.stop()

    def close(self) -> None:
        """End the workers and the record, and tidy up. What was published stays; all else is disposable."""
        self._runner.stop()
        self.take_up_all()
        if self._remote is not None:
            self._record_lost_costs()
            self._remote.give_back()
        self._record.end()
        if self.settings.executing and self._versions:
            self._plan.flush(now=True)
        self._versions.give_back(self._done)
        self.store.close()
        self._claims.end()


def new_run_id() -> str:
    """A unique id that sorts by time: UTC to the second, then a random tail."""
    return f"run-{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"
