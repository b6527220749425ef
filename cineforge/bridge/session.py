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

from cineforge.bridge.local_jobs import LINKS_TOLD, LocalJobs
from cineforge.bridge.planning.planned_versions import PlannedVersions
from cineforge.bridge.planning.rule_inputs import Answers
from cineforge.bridge.planning.schedule import Say, Schedule
from cineforge.bridge.remote.job_process import CONFIG_FILE
from cineforge.bridge.remote.remote_jobs import RemoteJobs, require_fan_outs_apart
from cineforge.bridge.remote.remote_results import RemoteResults
from cineforge.bridge.request.run_options import RunOptions
from cineforge.bridge.request.run_settings import RunSettings
from cineforge.bridge.wording import listed
from cineforge.deciding.dry_run.make_plan import outlook
from cineforge.deciding.facts.store_world import StoreWorld
from cineforge.deciding.instance import Instance, instance_of
from cineforge.deciding.planner import Planner
from cineforge.history.job_events import JOBS
from cineforge.history.run_claims import RunClaims
from cineforge.history.run_record import RunRecord
from cineforge.model.errors import DecisionFailed
from cineforge.model.health import PROJECT_CONFIG_TYPE
from cineforge.model.metadata import Provenance, Source
from cineforge.model.project_config import ProjectConfig
from cineforge.model.records import run_events as ev
from cineforge.model.refs import ArtifactKey
from cineforge.model.secrets import sealed
from cineforge.recipes.resolved import ResolvedRecipe
from cineforge.running.execute import Runner
from cineforge.running.scrubbing import scrub
from cineforge.store import ArtifactStore, LinkNotMade


class Session:
    """Everything a run does to a project. Its methods may be called from many threads."""

    def __init__(
        self,
        store: ArtifactStore,
        recipe: ResolvedRecipe,
        settings: RunSettings,
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
        self._record = RunRecord(
            self.folder, self.run_id, recipe, self._cost_of, options.command, recipe.secrets
        )
        self._lock = threading.RLock()
        self._versions = PlannedVersions(
            store, self.planner, self.run_id, settings.executing, forget
        )
        self._schedule = Schedule(self.planner, self._versions, claims, self._record, settings, say)
        self._runner = Runner(
            store,
            self.config,
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
            self._record,
            self._runner,
            self.folder,
            say,
            self._lock,
        )
        frozen = self._frozen_jobs() if settings.remote else None
        self._remote = None if frozen is None else self._remote_results(frozen)
        self.answers = Answers(
            store,
            self.world,
            self.planner,
            self._versions,
            self._schedule,
            settings,
            frozen,
            self._remote,
            say,
            self._lock,
        )
        fan_outs = {stage.id for stage in recipe.stages.values() if stage.is_fan_out}
        require_fan_outs_apart(settings.groups, fan_outs)
        if settings.executing and options.run_id:
            self._record.begin()

    def _frozen_jobs(self) -> RemoteJobs:
        return RemoteJobs(
            self.store,
            self.planner,
            self._versions,
            self.folder / JOBS,
            self.run_id,
            self.options.instrument,
        )

    def _remote_results(self, frozen: RemoteJobs) -> RemoteResults:
        return RemoteResults(
            frozen,
            self.store,
            self.recipe,
            self.world,
            self._versions,
            self._schedule,
            self._record,
            self._say,
        )

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

    # -- jobs --------------------------------------------------------------------------------------

    def run(self, instance: Instance, version: int, attempt: int) -> None:
        """Do a job: build, or find that the head is kept after all. Raises ModuleFailed, DecisionFailed."""
        if self._versions.get(instance) == version:
            self._jobs.run(instance, version, attempt)
        else:
            self.store.ensure_ticket(self.answers.published(instance, version))

    def take_up_all(self) -> None:
        """Take up everything that jobs in other processes have done, failures too."""
        if self._remote is not None:
            with self._lock:
                self._remote.take_up_all()

    def link(self, key: ArtifactKey) -> None:
        """Make the `current/` link of an artifact."""
        with self._lock:
            maker = instance_of(self.recipe, key.artifact_type, key.entity_id)
            self.answers.take_up([] if maker is None else [maker])
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
        """Make the `current/` folder again if it was deleted, and links that could not be made before.

        What stands in the way of others, such as a file that a person edited, is told.
        """
        is_gone = not (self.store.project / "current").is_dir()
        self._tell_links(self.store.repair_links(self.store.heads() if is_gone else ()))

    def tell_odd_links(self) -> None:
        """The same for a command that changes nothing: only told."""
        self._tell_links(self.store.odd_links())

    def _tell_links(self, troubles: list[LinkNotMade]) -> None:
        for trouble in troubles[:LINKS_TOLD]:
            self._say(f"warning: {trouble}")
        if len(troubles) > LINKS_TOLD:
            self._say(f"warning: {len(troubles) - LINKS_TOLD} more links in current/ are not right")

    def require_links(self) -> None:
        """Raise LinkNotMade when links were not made although nothing of a person's stood in their place."""
        failed = [each for each in self._jobs.links_not_made if not each.is_edit]
        if failed:
            more = f" (and {len(failed) - 1} more such links)" if len(failed) > 1 else ""
            raise LinkNotMade(failed[0].key, f"all versions were made, but {failed[0]}{more}")

    def record_config(self) -> None:
        """Save the project's configuration as a version, if it is not what this recipe's last run had.

        Recipes that take turns, each with values of its own, would else make a version at every turn.
        """
        self.store.health_changes()  # from here on they go on record
        # What is in no other record is not in this one: modules get their values from the recipe, not from here.
        data = {"values": sealed(self.config.values, self.recipe.secrets)}
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

    def require_complete(self) -> None:
        """Raise DecisionFailed when planned work was never begun, though Snakemake found nothing left to do."""
        left = self._record.left_over(self._is_left_out) if self.settings.executing else []
        if left:
            names = listed([str(instance) for instance in left])
            raise DecisionFailed(
                f"Snakemake ended the run before all of its work was begun: {names}. Run the same command again"
            )

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
        # Whatever one of them meets, such as a full disk, the others are done.
        with contextlib.ExitStack() as last_to_first:
            last_to_first.callback(self._claims.end)
            last_to_first.callback(self.store.close)
            last_to_first.callback(self._versions.return_tickets)
            last_to_first.callback(self._record.end, self._is_left_out)
            if self._remote is not None:
                last_to_first.callback(self._scrub)
                last_to_first.callback(self._remote.end, self.folder)
            self._runner.stop()

    def _scrub(self) -> None:
        """What jobs in other processes had to be told, and have told, need not be known any longer."""
        for path in (self.folder / CONFIG_FILE, *(self.folder / JOBS).glob("*")):
            scrub(path, self.recipe.secrets)


def new_run_id() -> str:
    """A unique id that sorts by time: UTC to the second, then a random tail."""
    return f"run-{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"
