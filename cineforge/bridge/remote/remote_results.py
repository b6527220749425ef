"""What jobs in other processes have done, collected by the run: versions, costs, failures."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from cineforge.bridge.planning.schedule import Schedule
from cineforge.bridge.remote.remote_jobs import RemoteJobs
from cineforge.bridge.run_context import RunContext
from cineforge.deciding.instance import Instance
from cineforge.history.costs_file import unrecorded_costs
from cineforge.history.run_files import read_events
from cineforge.model.records import run_events as ev


class RemoteResults:
    """Brings what `RemoteJobs` finds into store, schedule and log of one run.

    Not safe to use from many threads at once: whoever calls holds the run's lock.
    """

    def __init__(self, context: RunContext, schedule: Schedule, jobs: RemoteJobs) -> None:
        self.jobs = jobs
        self._context = context
        self._schedule = schedule

    def collect(self, instances: Iterable[Instance]) -> bool:
        """Collect what was done for these instances; True when there was any."""
        found = {
            each: refs
            for each in instances
            if each not in self._schedule.done and (refs := self.jobs.finished(each))
        }
        if not found:
            return False
        keys = self.jobs.register(ref for refs in found.values() for ref in refs)
        self._context.world.published(keys)
        versions = self._schedule.versions
        for instance, refs in found.items():
            planned = versions.get(instance)
            elsewhere = [ref.key for ref in refs if ref.version != planned]
            if len(elsewhere) == len(refs):
                versions.note_kept(instance)
            else:
                versions.note_borrowed(instance, elsewhere)
            self._schedule.finish(instance)
            self._context.say_if_superseded(refs)
        self._repeat_events()
        return True

    def collect_all(self) -> None:
        """Collect everything that was done, failures too."""
        self.collect(self._schedule.versions)
        # A version whose ticket Snakemake deleted, because a sibling failed, is there all the same.
        self._context.store.catch_up()
        self._repeat_events()

    def end(self) -> None:
        """Collect all, and count what lost hosts had paid."""
        self.collect_all()
        log, folder = self._context.log, self._context.folder
        if log.has_begun:
            for cost in unrecorded_costs(folder, read_events(folder), datetime.now(UTC)):
                log.repeat(cost)

    def _repeat_events(self) -> None:
        """Put on record, and say, what jobs have recorded in files of their own."""
        for event in self.jobs.events():
            self._context.log.repeat(event)
            match event:
                case ev.JobFinished(error=error) if error:
                    instance = Instance(event.stage, event.entity)
                    module = self._context.recipe.stages[event.stage].module.module_id
                    log = f"\n  log: {event.log}" if event.log else ""
                    self._context.say(f"{instance} ({module}) failed: {error}{log}")
                case ev.Warned(message=message):
                    self._context.say(f"warning: {message}")
        self._context.log.health(self._context.store.health_changes())
