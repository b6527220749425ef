"""What Snakemake's input functions ask: tickets of work to be done, payloads of what is there, and why."""

from __future__ import annotations

import threading
from collections.abc import Iterable

from cineforge.bridge.paths import current_path, payload_path, ticket_path
from cineforge.bridge.planning.planned_versions import PlannedVersions
from cineforge.bridge.planning.schedule import Say, Schedule
from cineforge.bridge.remote.remote_jobs import RemoteJobs
from cineforge.bridge.remote.remote_results import RemoteResults
from cineforge.bridge.request.run_settings import RunSettings
from cineforge.bridge.wording import decision_text, listed
from cineforge.deciding.dry_run.make_plan import selected_instances
from cineforge.deciding.facts.store_world import StoreWorld
from cineforge.deciding.instance import Instance, instance_of
from cineforge.deciding.planner import Planner
from cineforge.deciding.reads import Reads
from cineforge.model.errors import DecisionFailed
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.store import ArtifactStore


class Answers:
    """The answers of one run. Safe to use from many threads; `lock` guards what they share.

    `frozen` and `remote` are there when jobs run in processes of their own.
    """

    def __init__(
        self,
        store: ArtifactStore,
        world: StoreWorld,
        planner: Planner,
        versions: PlannedVersions,
        schedule: Schedule,
        settings: RunSettings,
        frozen: RemoteJobs | None,
        remote: RemoteResults | None,
        say: Say,
        lock: threading.RLock,
    ) -> None:
        self._store = store
        self._world = world
        self._planner = planner
        self._versions = versions
        self._schedule = schedule
        self._settings = settings
        self._frozen = frozen
        self._remote = remote
        self._say = say
        self._lock = lock

    def stage_targets(self, stage_id: str) -> list[str]:
        """The tickets of all work to be done in a stage, and of the fan-outs that must run to know the rest.

        With nothing to do, one payload that is there: Snakemake runs a rule that has no input at all.
        """
        with self._lock:
            self._world.look()
            instances, waits = self._asked_of(stage_id)
            if self.take_up(waits):
                instances, waits = self._asked_of(stage_id)
            if waits and not self._settings.executing:
                names = listed([str(instance) for instance in waits])
                self._say(f"{stage_id}: what there is to do is known only when {names} has run")
            # What has run is left out: Snakemake weighs every input anew whenever a fan-out has finished.
            left = [each for each in (*waits, *instances) if each not in self._schedule.done]
            return self._schedule.tickets(left) or self._something_there(stage_id, instances)

    def _asked_of(self, stage_id: str) -> tuple[list[Instance], tuple[Instance, ...]]:
        """The instances that a stage's aggregate stands for, and the fan-outs that must run to know the rest."""
        narrowed = self._settings.narrowed
        if narrowed is None or stage_id not in narrowed.touched:
            return self._planner.instances(stage_id)
        instances, waits = selected_instances(self._planner, narrowed, stage_id)
        if not instances and not waits:
            globs = listed([f"{stage_id}/{each.entity}" for each in narrowed.of(stage_id)])
            self._say(f"nothing matches {globs}")
        return instances, waits

    def _something_there(self, stage_id: str, instances: list[Instance]) -> list[str]:
        if not instances:
            entity_type = self._planner.recipe.stages[stage_id].for_each
            assert entity_type is not None, "a stage without for_each always has its one instance"
            domain = self._planner.recipe.domains[entity_type]
            return self._something_there(domain.stage, self._planner.instances(domain.stage)[0])
        head = self._world.head(self._planner.output_keys(instances[0])[0])
        return [payload_path(head.ref)] if head else []

    def job_inputs(self, instance: Instance, version: int) -> list[str]:
        """The inputs of the job that makes a ticket: planned ones as tickets, published ones as payloads.

        A published ticket asked for by hand has its own version's payload as its only input.
        """
        with self._lock:
            self._world.look()
            self._schedule.add([instance])
            # A person who came before the number was reserved has a lower one; all later ones have higher ones.
            self._world.look()
            if version != self._versions.get(instance):
                return [payload_path(self.published(instance, version))]
            reads = self._reads(instance)
            if self.take_up(reads.pending):
                reads = self._reads(instance)
            paths = self._paths_read(reads)
            if self._frozen is not None:
                self._frozen.freeze(instance, version, paths, self.reason(instance, version))
            return paths

    def _reads(self, instance: Instance) -> Reads:
        # A fan-out that has run since may have left the entity out: then nothing is made for it.
        self._planner.require_entity(instance)
        return self._planner.reads(instance)

    def current_inputs(self, key: ArtifactKey) -> tuple[list[str], bool]:
        """What a `current/` link waits for, and whether the link is already right."""
        with self._lock:
            maker = instance_of(self._planner.recipe, key.artifact_type, key.entity_id)
            if maker is None:
                raise DecisionFailed(
                    f"the recipe '{self._planner.recipe.recipe_id}' makes no {key}"
                )
            trouble = self._store.in_place_of_link(key)
            if trouble is not None:
                # Snakemake would delete the file before it made the link.
                raise DecisionFailed(str(trouble))
            tickets = self._schedule.tickets([maker])
            self.take_up([maker])
            if tickets and maker not in self._schedule.done:
                return tickets, False
            row = self._store.heads_of([key]).get(key)
            if row is None or row.vanished:
                gone = " any more (its versions are kept)" if row else ""
                raise DecisionFailed(f"{maker} emits no {key}{gone}: ask for what there is")
            head = row.ref
            if self._settings.executing:
                self._store.ensure_current(key)
            is_right = (self._store.project / current_path(key)).resolve() == (
                self._store.project / payload_path(head)
            ).resolve()
            return tickets or [payload_path(head)], is_right

    def reason(self, instance: Instance, version: int) -> str:
        """Why a job is there, in words."""
        with self._lock:
            decision = self._planner.decision(instance)
            if self._versions.get(instance) != version:
                return f"{instance}: link to a published version"
            return f"{instance}: {decision_text(decision.record())}"

    def _paths_read(self, reads: Reads) -> list[str]:
        stage = self._planner.recipe.stages[reads.instance.stage]
        waits = list(reads.waits_for)
        paths: list[str] = []
        for states in reads.inputs.values():
            for state in states:
                if state.pending is not None:
                    waits.append(state.pending)
                elif state.ref is not None:
                    paths.append(payload_path(state.ref))
        for other in stage.after:
            instances, unsettled = self._planner.instances(other)
            waits += [*unsettled, *instances]
        tickets = self._schedule.tickets(list(dict.fromkeys(waits)))
        return list(dict.fromkeys([*tickets, *paths]))

    def published(self, instance: Instance, version: int) -> ArtifactRef:
        """A published version of the instance's outputs whose ticket was asked for by hand."""
        keys = self._planner.output_keys(instance)
        for key in keys:
            for ref in self._store.list_versions(*key):
                if ref.version == version:
                    return ref
        raise DecisionFailed(
            f"{ticket_path(keys[0], version)} is neither published nor planned:"
            f" ask for {current_path(keys[0])} instead"
        )

    def take_up(self, instances: Iterable[Instance]) -> bool:
        """Take up what jobs in other processes have done for some instances; True when there was any."""
        return self._remote is not None and self._remote.take_up(instances)
