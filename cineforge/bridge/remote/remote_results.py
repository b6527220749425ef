"""What jobs in other processes have done, taken up by the run: versions, costs, failures."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from cineforge.bridge.planning.planned_versions import PlannedVersions
from cineforge.bridge.planning.schedule import Say, Schedule
from cineforge.bridge.remote.remote_jobs import RemoteJobs
from cineforge.bridge.wording import passed_text
from cineforge.deciding.facts.store_world import StoreWorld
from cineforge.deciding.instance import Instance
from cineforge.history.costs_file import unrecorded_costs
from cineforge.history.run_files import read_events
from cineforge.history.run_record import RunRecord
from cineforge.model.records import run_events as ev
from cineforge.model.refs import ArtifactRef
from cineforge.recipes.resolved import ResolvedRecipe
from cineforge.store import ArtifactStore


class RemoteResults:
    """Reads what `RemoteJobs` finds into store, schedule and record of one run.

    Not safe to use from many threads at once: `Session` sees to that.
    """

    def __init__(
        self,
        jobs: RemoteJobs,
        store: ArtifactStore,
        recipe: ResolvedRecipe,
        world: StoreWorld,
        versions: PlannedVersions,
        schedule: Schedule,
        record: RunRecord,
        say: Say,
    ) -> None:
        self._jobs = jobs
        self._store = store
        self._recipe = recipe
        self._world = world
        self._versions = versions
        self._schedule = schedule
        self._record = record
        self._say = say

    def take_up(self, instances: Iterable[Instance]) -> bool:
        """Take up what was done for these instances; True when there was any."""
        found = {
            each: refs
            for each in instances
            if each not in self._schedule.done and (refs := self._jobs.finished(each))
        }
        if not found:
            return False
        self._world.published(self._jobs.take_up(ref for refs in found.values() for ref in refs))
        for instance, refs in found.items():
            planned = self._versions.get(instance)
            elsewhere = [ref.key for ref in refs if ref.version != planned]
            if len(elsewhere) == len(refs):
                self._versions.note_kept(instance)
            else:
                self._versions.note_borrowed(instance, elsewhere)
            self._schedule.finish(instance)
            for ref in refs:
                self._tell_if_passed(ref)
        self._repeat_events()
        return True

    def _tell_if_passed(self, ref: ArtifactRef) -> None:
        head = self._store.head(ref.key)
        if head is not None and head.version > ref.version:
            self._say(passed_text(ref, head))

    def take_up_all(self) -> None:
        """Take up everything that was done, failures too."""
        self.take_up(self._versions)
        # A version whose ticket Snakemake deleted, because a sibling failed, is there all the same.
        self._store.catch_up()
        self._repeat_events()

    def end(self, run_folder: Path) -> None:
        """Take up all, and count what lost hosts had paid."""
        self.take_up_all()
        if self._record.recorder is not None:
            for cost in unrecorded_costs(run_folder, read_events(run_folder), datetime.now(UTC)):
                self._record.repeat(cost)

    def _repeat_events(self) -> None:
        """Put on record, and say, what jobs have told."""
        for event in self._jobs.events():
            self._record.repeat(event)
            match event:
                case ev.JobFinished(error=error) if error:
                    instance = Instance(event.stage, event.entity)
                    module = self._recipe.stages[event.stage].module.module_id
                    log = f"\n  log: {event.log}" if event.log else ""
                    self._say(f"{instance} ({module}) failed: {error}{log}")
                case ev.Warned(message=message):
                    self._say(f"warning: {message}")
        self._record.health(self._store.health_changes())
