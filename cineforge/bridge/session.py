"""One Snakemake command on one project: decisions turned into paths, and jobs into published versions."""

from __future__ import annotations

import contextlib
import functools
import math
import secrets
import threading
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

from cineforge.bridge.local_jobs import LocalJobs
from cineforge.bridge.paths import current_path, payload_path, ticket_path
from cineforge.bridge.plan_file import PlanFile
from cineforge.bridge.planned_versions import PlannedVersions
from cineforge.bridge.remote_jobs import RemoteJobs, require_fan_outs_apart
from cineforge.bridge.remote_results import RemoteResults
from cineforge.bridge.run_claims import RunClaims
from cineforge.bridge.run_options import RunOptions
from cineforge.bridge.run_record import RunRecord
from cineforge.bridge.run_settings import RunSettings
from cineforge.bridge.schedule import Say, Schedule
from cineforge.bridge.wording import decision_text, listed
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
from cineforge.running.execute import Runner
from cineforge.running.job_events import JOBS
from cineforge.store import ArtifactStore


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
        self._lock = threading.RLock()
        self._versions = PlannedVersions(
            store, self.planner, self.run_id, settings.executing, forget
        )
        self._schedule = Schedule(
            self.planner, self._versions, claims, self._plan, self._record, settings, say
        )
        self._runner = Runner(
            store,
            self.config,
            schema_folders,
            self.world.sources,
            self._record.emit,
            options.instrument,
        )
        self._jobs = LocalJobs(
            store,
            self.world,
            self.planner,
            self._versions,
            self._schedule,
            self._plan,
            self._record,
            self._runner,
            self.folder,
            say,
            self._lock,
        )
        self._frozen: RemoteJobs | None = None
        self._remote: RemoteResults | None = None
        if settings.remote:
            self._freeze_jobs()
        fan_outs = {stage.id for stage in recipe.stages.values() if stage.is_fan_out}
        require_fan_outs_apart(settings.groups, fan_outs)
        if settings.executing and options.run_id:
            self._record.begin()

    def _freeze_jobs(self) -> None:
        """Have jobs run in processes of their own, on other hosts perhaps."""
        self._frozen = RemoteJobs(
            self.store,
            self.planner,
            self._versions,
            self.folder / JOBS,
            self.run_id,
            self.options.instrument,
        )
        self._remote = RemoteResults(
            self._frozen,
            self.store,
            self.recipe,
            self.world,
            self._versions,
            self._schedule,
            self._record,
            self._say,
        )

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
            left = [each for each in (*waits, *instances) if each not in self._schedule.done]
            return self._schedule.tickets(left) or self._something_there(stage_id, instances)

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
            self._schedule.add([instance])
            if version != self._versions.get(instance):
                return [payload_path(self._published(instance, version))]
            reads = self.planner.reads(instance)
            if self._take_up(reads.pending):
                reads = self.planner.reads(instance)
            # A fan-out that has run since may have left the entity out: then nothing is made for it.
            self.planner.require_entity(instance)
            paths = self._paths_read(reads)
            if self._frozen is not None:
                self._frozen.freeze(instance, version, paths, self.reason(instance, version))
            return paths

    def current_inputs(self, key: ArtifactKey) -> tuple[list[str], bool]:
        """What a `current/` link waits for, and whether the link is already right."""
        with self._lock:
            maker = instance_of(self.recipe, key.artifact_type, key.entity_id)
            if maker is None:
                raise DecisionFailed(f"the recipe '{self.recipe.recipe_id}' makes no {key}")
            tickets = self._schedule.tickets([maker])
            self._take_up([maker])
            if tickets and maker not in self._schedule.done:
                return tickets, False
            row = self.store.heads_of([key]).get(key)
            if row is None or row.vanished:
                gone = " any more (its versions are kept)" if row else ""
                raise DecisionFailed(f"{maker} emits no {key}{gone}: ask for what there is")
            head = row.ref
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
        tickets = self._schedule.tickets(list(dict.fromkeys(waits)))
        return list(dict.fromkeys([*tickets, *paths]))

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
        if self._versions.get(instance) == version:
            self._jobs.run(instance, version, attempt)
        else:
            self.store.ensure_ticket(self._published(instance, version))

    def take_up_all(self) -> None:
        """Take up everything that jobs in other processes have done, failures too."""
        if self._remote is not None:
            with self._lock:
                self._remote.take_up_all()

    def _take_up(self, instances: Iterable[Instance]) -> bool:
        return self._remote is not None and self._remote.take_up(instances)

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
                    self._schedule.add(self.planner.instances(stage)[0])

    def note_error(self, message: str) -> None:
        """Put an error that is not one job's on record."""
        self._record.emit(ev.Failed, message=message)

    def _cost_of(self, instance: Instance) -> float:
        """What making the heads of an instance had cost, in US dollars."""
        heads = (self.world.head(key) for key in self.planner.output_keys(instance))
        calls = [call for head in heads if head for call in self.store.metadata(head.ref).cost]
        return math.fsum(call.estimated_cost_usd for call in calls)

    # -- begin and end -----------------------------------------------------------------------------

    def claim_ahead(self) -> None:
        """Claim all that the targets need before anything begins. Raises ProjectBusy."""
        self._schedule.claim_ahead(self.fresh_planner, self.world.look_again)

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

    def _is_left_out(self, instance: Instance) -> bool:
        """Does `--until` or `--omit-from` leave out an instance that Snakemake asked about nevertheless?"""
        return self.settings.limits is not None and instance not in self._within_limits

    @functools.cached_property
    def _within_limits(self) -> set[Instance]:
        with contextlib.suppress(
            DecisionFailed
        ):  # of what lies beyond, and is for the run that goes there
            ahead = outlook(self.planner, self.settings.asked, self.settings.limits)
            return {each.instance for stage in ahead for each in stage.at_work}
        return set()

    def close(self) -> None:
        """End the workers and the record, and tidy up. What was published stays; all else is disposable."""
        self._runner.stop()
        if self._remote is not None:
            self._remote.end(self.folder)
        self._record.end(self._is_left_out)
        if self.settings.executing and self._versions:
            self._plan.flush(now=True)
        self._versions.give_back(self._schedule.done)
        self.store.close()
        self._claims.end()


def new_run_id() -> str:
    """A unique id that sorts by time: UTC to the second, then a random tail."""
    return f"run-{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"
