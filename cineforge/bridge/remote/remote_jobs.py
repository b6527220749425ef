"""Jobs that run in other processes: saved in files before they start, known to be done by their tickets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from cineforge.bridge.paths import ticket_path
from cineforge.bridge.planning.schedule import Schedule
from cineforge.bridge.remote.approved_reads import approved_for
from cineforge.bridge.remote.job_file import (
    JobFile,
    Member,
    SameWork,
    deciding_head,
    input_records,
    job_path,
    known_heads,
    reserved_numbers,
    upgrades_of,
)
from cineforge.bridge.run_context import RunContext
from cineforge.deciding.instance import Instance
from cineforge.history.job_events import JobEvents
from cineforge.history.run_files import write_private
from cineforge.model.errors import DecisionFailed
from cineforge.model.names import is_collection
from cineforge.model.records.run_events import Event
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.recipes.resolved import ResolvedStage
from cineforge.store.layout import JOBS, require_inside


class RemoteJobs:
    """Saves the jobs of one run in its folder, and reads what became of them."""

    def __init__(self, context: RunContext, schedule: Schedule) -> None:
        self._context = context
        self._store = context.store
        self._planner = context.planner
        self._versions = schedule.versions
        self._batches = schedule.batches
        self._schedule = schedule
        self._folder = context.folder / JOBS
        self._events = JobEvents(self._folder)
        self._written: dict[Instance, str] = {}
        self._numbers: dict[Instance, dict[ArtifactKey, int]] = {}

    def save(self, instance: Instance, version: int, paths: Sequence[str]) -> None:
        """Write down all that the job needs, of a batch in a file for each; again when more is known of its inputs."""
        others = [
            (each, number)
            for each in self._batches.of(instance)[1:]
            if (number := self._versions.get(each)) is not None
        ]
        for each, number in others:
            self._save(each, number, (), ())
        self._save(instance, version, paths, others)

    def _save(
        self,
        instance: Instance,
        version: int,
        paths: Sequence[str],
        others: Sequence[tuple[Instance, int]],
    ) -> None:
        decision = self._planner.decision(instance)
        facts = self._planner.facts(instance)
        reads, stage = facts.reads, self._context.recipe.stages[instance.stage]
        planned = self._schedule.planned
        outputs = self._planner.output_keys(instance)
        used = self._used_ids(instance, stage) if stage.is_fan_out else {}
        members = self._members(instance, stage, used) if stage.is_fan_out else []
        # Before the heads are read, so that who puts a version later has a higher number.
        numbers = self._reserved(instance, members)
        job = JobFile(
            run_id=self._context.run_id,
            decision=decision.record(version=version),
            paths=tuple(paths),
            params=dict(stage.params),
            instrument=self._context.settings.instrument,
            code=reads.stage.code,
            read_params=dict(reads.stage.params),
            config=dict(reads.stage.config),
            schemas=dict(reads.stage.schemas),
            upgrades=upgrades_of(stage),
            sources=dict(reads.stage.sources),
            inputs=input_records(reads, self._versions.get),
            gathered=reads.gathered,
            waits_for=tuple(str(each) for each in reads.waits_for),
            forced=facts.forced,
            as_is=facts.as_is,
            enabled_reasons=facts.enabled,
            head=deciding_head(facts.head),
            heads=known_heads(self._store.heads_of([*outputs, *members]).values()),
            used_ids=used,
            same_work=tuple(
                SameWork(ref=ref, fingerprint=fingerprint)
                for key in outputs
                for ref, fingerprint in self._store.works(key)
            ),
            numbers=reserved_numbers(numbers),
            expected_usd=self._schedule.expected_usd(instance),
            approved=approved_for(self._planner, reads),
            allowed=None if planned is None else planned.only(instance),
            others=tuple(
                Member(entity=each.entity, version=number)
                for each, number in others
                if each.entity is not None
            ),
            go_on=self._context.settings.keep_going,
        )
        text = job.model_dump_json(indent=1) + "\n"
        if self._written.get(instance) != text:
            require_inside(self._context.project, self._folder)
            write_private(job_path(self._folder, instance), text)
            self._written[instance] = text

    def finished(self, instance: Instance) -> tuple[ArtifactRef, ...]:
        """What the tickets of a job lead to; empty while they are not all there."""
        version = self._versions.get(instance)
        if version is None:
            return ()
        found = []
        for key in self._planner.output_keys(instance):
            ticket = self._context.project / ticket_path(key, version)
            try:
                number = int(ticket.readlink().parent.name.removeprefix("v"))
            except (OSError, ValueError):
                return ()
            found.append(
                ArtifactRef(
                    artifact_type=key.artifact_type, entity_id=key.entity_id, version=number
                )
            )
        return tuple(found)

    def register(self, refs: Iterable[ArtifactRef]) -> set[ArtifactKey]:
        """Register what finished jobs published; returns the artifacts that may have new heads."""
        keys: set[ArtifactKey] = set()
        for ref in refs:
            keys.add(ref.key)
            if is_collection(ref.artifact_type):
                keys |= self._store.collection_of(ref).keys()
        self._store.register(keys)
        return keys

    def events(self) -> Iterator[Event]:
        """The events that jobs have recorded since the last call."""
        return self._events.fresh()

    def _used_ids(self, instance: Instance, stage: ResolvedStage) -> dict[str, tuple[str, ...]]:
        prefix = "" if instance.entity is None else f"{instance.entity}."
        return {
            output.artifact_type: tuple(
                sorted(
                    entity
                    for entity in self._store.used_ids(output.artifact_type)
                    if entity.startswith(prefix)
                )
            )
            for output in stage.outputs
            if output.many
        }

    def _members(
        self, instance: Instance, stage: ResolvedStage, used: dict[str, tuple[str, ...]]
    ) -> list[ArtifactKey]:
        """Every artifact that the fan-out may make a new version of, but for ids never used."""
        keys = [ArtifactKey(name, entity) for name, ids in used.items() for entity in ids]
        keys += [
            ArtifactKey(output.artifact_type, instance.entity)
            for output in stage.outputs
            if not output.many
        ]
        return keys

    def _reserved(
        self, instance: Instance, members: Sequence[ArtifactKey]
    ) -> dict[ArtifactKey, int]:
        if instance not in self._numbers:
            self._numbers[instance] = self._store.reserve(members, self._context.run_id)
        return self._numbers[instance]


def require_fan_outs_apart(groups: Mapping[str, str], fan_outs: set[str]) -> None:
    """Raise DecisionFailed for a group that holds a fan-out and other stages: what waits for it cannot be in it."""
    for name, group in groups.items():
        if name in fan_outs:
            others = [other for other in groups if groups[other] == group and other != name]
            if others:
                raise DecisionFailed(
                    f"--groups {name}={group}: '{name}' is a fan-out, and the jobs of {others[0]} are known only when"
                    f" it has run: give it a group of its own, e.g. {name}={name}"
                )
