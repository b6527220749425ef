"""One planned job in a file: all that another process needs to do exactly what was planned, and to decide nothing else.

Lies in `runs/<run_id>/jobs/<stage>[.<entity>].json`, with what its attempts tell beside it. Inputs that have yet to
be made are named by their tickets: a ticket leads to the version that was made, or to the one that was kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from pydantic import JsonValue, ValidationError

from cineforge.bridge.paths import ticket_path
from cineforge.bridge.request.planned_work import PlannedWork
from cineforge.deciding.decide import Facts, HeadFacts
from cineforge.deciding.facts.lifted import with_upgrades
from cineforge.deciding.facts.past import past_of
from cineforge.deciding.instance import Instance
from cineforge.deciding.reads import InputState, Reads, StageReads
from cineforge.model.errors import DecisionFailed
from cineforge.model.health import ArtifactHealth
from cineforge.model.metadata import Digest, GatheredSet, Source
from cineforge.model.records.decision_record import DecisionRecord, ReasonKind
from cineforge.model.refs import ArtifactKey, ArtifactRef, EntityId, Strict, TypeName
from cineforge.recipes.resolved import ResolvedStage
from cineforge.store import DetachedStore, HeadRow, IndexSnapshot
from cineforge.store.disk.safe_files import read_regular


class JobInput(Strict):
    """An input's version and content, or the ticket that will lead to it."""

    artifact_type: TypeName
    entity_id: EntityId | None
    ref: ArtifactRef | None = None
    content: Digest | None = None
    ticket: str | None = None


class KnownHead(Strict):
    """A head as the index knew it."""

    ref: ArtifactRef
    content: Digest
    fingerprint: Digest | None
    source: Source
    health: ArtifactHealth
    vanished: bool
    held: bool
    run_id: str | None


class Examined(Strict):
    artifact_type: TypeName
    entity_id: EntityId | None
    content: Digest


class DecidingHead(Strict):
    """What the decision knew of the instance's head."""

    ref: ArtifactRef
    digest: Digest | None
    held: bool
    needs_revision: bool
    examined: tuple[Examined, ...]


class SameWork(Strict):
    ref: ArtifactRef
    fingerprint: Digest


class ReservedNumber(Strict):
    artifact_type: TypeName
    entity_id: EntityId | None
    number: int


class Member(Strict):
    """Another instance of a batch, and the number planned for its outputs."""

    entity: EntityId
    version: int


class JobFile(Strict):
    """`decision` is what the run decided, as it is on record; the facts let the job decide once its inputs are known.

    `paths` are the inputs as Snakemake knows them; `params` those of the recipe, sources included;
    `expected_usd` what the job may come to pay, where a budget makes that count; `allowed`, if the run
    goes by a plan, what that says of this instance. `others` the same job does as well, each by its own file; it goes
    on after one has failed if it is to `go_on`. `approved` is read only as long as nobody takes that back.
    """

    run_id: str
    decision: DecisionRecord
    paths: tuple[str, ...]
    params: dict[str, JsonValue]
    instrument: bool

    code: str
    read_params: dict[str, JsonValue]
    config: dict[str, JsonValue]
    schemas: dict[str, str]
    upgrades: dict[str, str]
    sources: dict[str, str]
    inputs: dict[str, tuple[JobInput, ...]]
    gathered: tuple[GatheredSet, ...]
    waits_for: tuple[str, ...]
    forced: bool
    as_is: bool
    enabled_reasons: frozenset[ReasonKind]
    head: DecidingHead | None

    heads: tuple[KnownHead, ...]
    used_ids: dict[str, tuple[str, ...]]
    same_work: tuple[SameWork, ...]
    numbers: tuple[ReservedNumber, ...]
    expected_usd: float | None = None
    allowed: PlannedWork | None = None
    approved: tuple[ArtifactRef, ...] = ()
    others: tuple[Member, ...] = ()
    go_on: bool = False

    @property
    def instance(self) -> Instance:
        return Instance(self.decision.stage, self.decision.entity)

    @property
    def version(self) -> int:
        """The number planned for the job's outputs."""
        assert self.decision.version is not None, "only what has a number has a job"
        return self.decision.version

    def index(self) -> IndexSnapshot:
        """What the index knew, for a detached store."""
        return IndexSnapshot(
            heads={
                each.ref.key: HeadRow(
                    **{name: getattr(each, name) for name in type(each).model_fields}
                )
                for each in self.heads
            },
            used_ids={name: frozenset(ids) for name, ids in self.used_ids.items()},
            same_work=[(each.ref, each.fingerprint) for each in self.same_work],
            numbers={
                ArtifactKey(each.artifact_type, each.entity_id): each.number
                for each in self.numbers
            },
        )

    def facts(
        self, stage: ResolvedStage, store: DetachedStore, secrets: frozenset[str], *, as_made: bool
    ) -> Facts:
        """The facts of the decision, now that everything upstream has run. Raises DecisionFailed.

        What people have put above what the run has made since is read in its place, but `as_made`.
        """
        metadata_of = store.metadata
        if self.waits_for:
            raise DecisionFailed(
                f"{self.instance} waits for the fan-out {self.waits_for[0]} and cannot be in one group with it:"
                " put the fan-out's stage in a group of its own"
            )
        common = StageReads(
            self.code, self.read_params, self.config, self.schemas, self.sources, secrets
        )
        common = replace(common, earlier_code=stage.module.code.digest_with_estimate)
        inputs = {
            role: tuple(_resolved(store, each, as_made=as_made) for each in states)
            for role, states in self.inputs.items()
        }
        common = with_upgrades(
            common, stage.inputs, inputs, lambda ref: metadata_of(ref).schema_version
        )
        reads = Reads(self.instance, common, inputs, self.gathered)
        head = self.head
        if head is None:
            return Facts(reads, None, self.forced, self.as_is, self.enabled_reasons)
        examined = {
            ArtifactKey(each.artifact_type, each.entity_id): each.content for each in head.examined
        }
        past = None if reads.is_work_of(head.digest) else past_of(metadata_of, head.ref)
        found = HeadFacts(head.ref, head.digest, head.held, head.needs_revision, examined, past)
        return Facts(reads, found, self.forced, self.as_is, self.enabled_reasons)


def upgrades_of(stage: ResolvedStage) -> dict[str, str]:
    """By schema, what may lift the inputs of a stage."""
    return {
        each.upgrades.rules.name: each.upgrades.digest
        for each in stage.inputs
        if each.upgrades is not None
    }


def input_records(
    reads: Reads, number_of: Callable[[Instance], int | None]
) -> dict[str, tuple[JobInput, ...]]:
    """The inputs of an instance, pending ones by the ticket that was planned for them."""
    found = {}
    for role, states in reads.inputs.items():
        records = []
        for state in states:
            number = None if state.pending is None else number_of(state.pending)
            records.append(
                JobInput(
                    artifact_type=state.key.artifact_type,
                    entity_id=state.key.entity_id,
                    ref=state.ref,
                    content=state.content,
                    ticket=None if number is None else ticket_path(state.key, number),
                )
            )
        found[role] = tuple(records)
    return found


def deciding_head(head: HeadFacts | None) -> DecidingHead | None:
    """What a decision knew of a head, as a record."""
    if head is None:
        return None
    return DecidingHead(
        ref=head.ref,
        digest=head.digest,
        held=head.held,
        needs_revision=head.needs_revision,
        examined=tuple(
            Examined(artifact_type=key.artifact_type, entity_id=key.entity_id, content=content)
            for key, content in (head.examined or {}).items()
        ),
    )


def known_heads(rows: Iterable[HeadRow]) -> tuple[KnownHead, ...]:
    return tuple(
        KnownHead(**{name: getattr(row, name) for name in KnownHead.model_fields}) for row in rows
    )


def reserved_numbers(numbers: Mapping[ArtifactKey, int]) -> tuple[ReservedNumber, ...]:
    return tuple(
        ReservedNumber(artifact_type=key.artifact_type, entity_id=key.entity_id, number=number)
        for key, number in numbers.items()
    )


def job_path(folder: Path, instance: Instance) -> Path:
    """Where the file of an instance's job lies in a run's folder of jobs."""
    return folder / f"{instance.file_name}.json"


def load_job(folder: Path, instance: Instance, version: int) -> JobFile:
    """The job that makes a version of an instance's outputs. Raises DecisionFailed when there is no such file."""
    path = job_path(folder, instance)
    try:
        job = JobFile.model_validate_json(read_regular(path))
    except OSError as error:
        raise DecisionFailed(
            f"{instance} was not planned by this run: {path} cannot be read ({error.strerror or error})"
        ) from error
    except ValidationError as error:
        raise DecisionFailed(
            f"{path} is no job file of this version of CineForge ({_first(error)}):"
            " install the same version on all hosts, and run the same command again"
        ) from error
    if (job.instance, job.decision.version) != (instance, version):
        raise DecisionFailed(
            f"{path} is of {job.instance}, version {job.decision.version}, not of {instance}, version {version}:"
            " run the same command again"
        )
    return job


def _first(error: ValidationError) -> str:
    """The first thing that is wrong, in a few words."""
    found = error.errors()[0]
    place = ".".join(map(str, found["loc"]))
    return f"{place}: {found['msg']}" if place else str(found["msg"])


def _resolved(store: DetachedStore, given: JobInput, *, as_made: bool) -> InputState:
    key = ArtifactKey(given.artifact_type, given.entity_id)
    if given.ticket is None:
        return InputState(key, given.ref, given.content)
    ticket = store.project / given.ticket
    try:
        version = int(ticket.readlink().parent.name.removeprefix("v"))
    except (OSError, ValueError):
        raise DecisionFailed(
            f"{ticket} is not there, although its job should have run before: run the same command again"
        ) from None
    ref = ArtifactRef(artifact_type=key.artifact_type, entity_id=key.entity_id, version=version)
    ref = ref if as_made else store.newest_by_hand(ref)
    return InputState(key, ref, store.metadata(ref).content)
