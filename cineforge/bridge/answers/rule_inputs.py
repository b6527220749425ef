"""What Snakemake's input functions ask: tickets of work to be done, payloads of what is there, and why."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from itertools import islice

from cineforge.bridge.certificate.issuing import Issuer
from cineforge.bridge.certificate.kept_stages import kept_stage
from cineforge.bridge.paths import current_path, payload_path
from cineforge.bridge.planning.schedule import Schedule
from cineforge.bridge.remote.remote_results import RemoteResults
from cineforge.bridge.request.native_targets import meaning
from cineforge.bridge.run_context import RunContext
from cineforge.bridge.wording import batch_text, decision_text, listed
from cineforge.deciding.decide import Decision
from cineforge.deciding.dry_run.make_plan import selected_instances
from cineforge.deciding.instance import Instance, instance_of
from cineforge.deciding.kept_before import KeptStage, digest_alike
from cineforge.deciding.planner import Planner
from cineforge.deciding.reads import Reads
from cineforge.deciding.selection import Selection
from cineforge.model.errors import DecisionFailed
from cineforge.model.records.decision_record import Action
from cineforge.model.refs import ArtifactKey

#: Of what a job reads and is there already, Snakemake is told so many: of each it would ask for times and flags, print
#: its name and keep it in its own record, and decide nothing by it. What is read is in the version's lineage.
_SHOWN_INPUTS = 20


class RuleInputs:
    """The answers of one run. Safe to use from many threads. `remote` is there when jobs run in other processes."""

    def __init__(
        self,
        context: RunContext,
        schedule: Schedule,
        remote: RemoteResults | None,
        issuer: Issuer | None = None,
    ) -> None:
        self._context = context
        self._store = context.store
        self._world = context.world
        self._planner = context.planner
        self._schedule = schedule
        self._remote = remote
        self._issuer = issuer

    def stage_targets(self, stage_id: str) -> list[str]:
        """The tickets of all work to be done in a stage, and of the fan-outs that must run to know the rest.

        With nothing to do, one payload that is there: Snakemake runs a rule that has no input at all.
        """
        with self._context.lock:
            self._world.look()
            instances, waits = self._asked_of(stage_id)
            if self._collect(waits):
                instances, waits = self._asked_of(stage_id)
            if waits and not self._context.settings.executing:
                names = listed([str(instance) for instance in waits])
                self._context.say(
                    f"{stage_id}: what there is to do is known only when {names} has run"
                )
            # What has run is left out: Snakemake weighs every input anew whenever a fan-out has finished.
            left = [each for each in (*waits, *instances) if each not in self._schedule.done]
            tickets = self._schedule.tickets(left)
            if tickets:
                return tickets
            there = self._something_there(stage_id, instances)
            if self._issuer is not None:
                self._issuer.found_idle(stage_id, there)
                if self._narrowing(stage_id) is None:
                    self._issuer.found_kept(stage_id, _kept(self._planner, stage_id, instances))
            return there

    def job_inputs(self, instance: Instance, version: int) -> list[str]:
        """The inputs of the job that makes a ticket: planned ones as tickets, published ones as payloads.

        Of a batch all that one of its instances reads; a ticket of another one of it waits for the batch. A published
        one that was asked for by hand has its own version's payload as its only input.
        """
        versions = self._schedule.versions
        with self._context.lock:
            self._world.look()
            self._schedule.add([instance])
            # A person who came before the number was reserved has a lower one; all later ones have higher ones.
            self._world.look()
            if version != versions.get(instance):
                return [payload_path(versions.published(instance, version))]
            batch = self._schedule.batches.of(instance)
            if instance != batch[0]:
                return self._schedule.tickets(batch[:1])
            reads = [self._reads(each) for each in batch]
            if self._collect(pending for each in reads for pending in each.pending):
                reads = [self._reads(each) for each in batch]
            paths = self._paths_read(instance.stage, reads)
            if self._remote is not None:
                self._remote.jobs.save(instance, version, paths)
            return paths

    def current_inputs(self, key: ArtifactKey) -> tuple[list[str], bool]:
        """What a `current/` link waits for, and whether the link is already right."""
        with self._context.lock:
            maker = instance_of(self._context.recipe, key.artifact_type, key.entity_id)
            if maker is None:
                raise DecisionFailed(f"{self._context.recipe.title} no {key}")
            trouble = self._store.in_place_of_link(key)
            if trouble is not None:
                # Snakemake would delete the file before it made the link.
                raise DecisionFailed(str(trouble))
            tickets = self._schedule.tickets([maker])
            self._collect([maker])
            if self._planner.decision(maker).gates and tickets:
                return tickets, False
            if tickets and maker not in self._schedule.done:
                return tickets, False
            row = self._store.heads_of([key]).get(key)
            waits = self._planner.decision(maker)
            if row is None and waits.gates:
                raise DecisionFailed(f"{maker} {decision_text(waits.record())}")
            if row is None or row.vanished:
                gone = " any more (its versions are kept)" if row else ""
                raise DecisionFailed(f"{maker} emits no {key}{gone}: ask for what there is")
            head = row.ref
            if self._context.settings.executing:
                self._store.ensure_current(key)
            link, payload = (
                self._context.project / path for path in (current_path(key), payload_path(head))
            )
            return tickets or [payload_path(head)], link.resolve() == payload.resolve()

    def refused(self, path: str, error: DecisionFailed) -> DecisionFailed:
        """An error as it is told: that of one target beside others with its name, and with what became of these."""
        with self._context.lock:
            targets = self._context.settings.targets
            others = [each for each in targets if each != path]
            if path not in targets or not others:
                return error
            left = [each for each in others if not self._is_made(each)]
            made = [each for each in others if each not in left]
            lines = [f"{path}: {error}"]
            if made:
                lines.append(f"made: {listed(made)}")
            if left:
                lines.append(f"not made: {listed(left)}; the same command without {path} makes it")
            return DecisionFailed("\n".join(lines))

    def _is_made(self, target: str) -> bool:
        asked = meaning([target], self._context.recipe)
        with suppress(DecisionFailed):
            for stage_id in asked.touched:
                instances, waits = selected_instances(self._planner, asked, stage_id)
                if waits or not all(map(self._planner.is_settled, instances)):
                    return False
            return True
        return False  # it is told of when it alone is asked for

    def reason(self, instance: Instance, version: int) -> str:
        """Why a job is there, in words."""
        with self._context.lock:
            decision = self._planner.decision(instance)
            if self._schedule.versions.get(instance) != version:
                return f"{instance}: link to a published version"
            batch = self._schedule.batches.of(instance)
            if len(batch) > 1:
                return batch_text([self._planner.decision(each).record() for each in batch])
            return f"{instance}: {decision_text(decision.record())}"

    def _asked_of(self, stage_id: str) -> tuple[list[Instance], tuple[Instance, ...]]:
        """The instances that a stage's aggregate stands for, and the fan-outs that must run to know the rest."""
        narrowed = self._narrowing(stage_id)
        if narrowed is None:
            return self._planner.instances(stage_id)
        instances, waits = selected_instances(self._planner, narrowed, stage_id)
        if not instances and not waits:
            globs = listed([f"{stage_id}/{each.entity}" for each in narrowed.of(stage_id)])
            self._context.say(f"nothing matches {globs}")
        return instances, waits

    def _narrowing(self, stage_id: str) -> Selection | None:
        """What was asked for of a stage, if that is not all of it."""
        narrowed = self._context.settings.narrowed
        return narrowed if narrowed is not None and stage_id in narrowed.touched else None

    def look_again(self, issuer: Issuer, kept: Iterable[Decision] = ()) -> None:
        """Tell which stages have nothing to do now, by a fresh look at all but what is `kept` for sure.

        Raises CineForgeError.
        """
        planner = self._context.fresh_planner()
        planner.assume(kept)
        for stage_id in self._context.recipe.stages:
            with suppress(DecisionFailed):  # of a stage that this run was not for
                instances, waits = planner.instances(stage_id)
                decisions = [planner.decision(each) for each in instances]
                if any(each.is_reported for each in decisions):
                    issuer.spoil()
                if not waits and all(each.action is Action.KEEP for each in decisions):
                    issuer.found_idle(stage_id, self._something_there(stage_id, instances))
                    found = _kept(planner, stage_id, instances)
                    # What is kept for sure was decided by what the run had read.
                    if found is not None and found.digest == _digest_alike(self._planner, stage_id):
                        issuer.found_kept(stage_id, found)

    def _something_there(self, stage_id: str, instances: list[Instance]) -> list[str]:
        recipe = self._context.recipe
        if not instances:
            entity_type = recipe.stages[stage_id].for_each
            assert entity_type is not None, "a stage without for_each always has its one instance"
            stage = recipe.domains[entity_type].stage
            return self._something_there(stage, self._planner.instances(stage)[0])
        keys = [*self._planner.output_keys(instances[0])]
        keys += self._planner.decision(instances[0]).gates
        heads = (self._world.head(key) for key in keys)
        return [payload_path(head.ref) for head in heads if head][:1]

    def _reads(self, instance: Instance) -> Reads:
        # A fan-out that has run since may have left the entity out: then nothing is made for it.
        self._planner.require_entity(instance)
        return self._planner.reads(instance)

    def _paths_read(self, stage_id: str, reads: Iterable[Reads]) -> list[str]:
        waits: dict[Instance, None] = {}
        paths: dict[str, None] = {}
        for each in reads:
            waits.update(dict.fromkeys(each.waits_for))
            for states in each.inputs.values():
                for state in states:
                    if state.pending is not None:
                        waits[state.pending] = None
                    elif state.ref is not None:
                        paths[payload_path(state.ref)] = None
        for other in self._context.recipe.stages[stage_id].after:
            instances, unsettled = self._planner.instances(other)
            waits.update(dict.fromkeys([*unsettled, *instances]))
        shown = islice(paths, _SHOWN_INPUTS)
        return list(dict.fromkeys([*self._schedule.tickets(waits.keys()), *shown]))

    def _collect(self, instances: Iterable[Instance]) -> bool:
        """Collect what jobs in other processes have done for some instances; True when there was any."""
        return self._remote is not None and self._remote.collect(instances)


def _kept(planner: Planner, stage_id: str, instances: list[Instance]) -> KeptStage | None:
    """What to note of a stage that has nothing to do; None where there is nothing to be noted."""
    if not instances:
        return None
    return kept_stage(_digest_alike(planner, stage_id), map(planner.decision, instances))


def _digest_alike(planner: Planner, stage_id: str) -> str:
    return digest_alike(planner.reads_alike(planner.recipe.stages[stage_id]))
