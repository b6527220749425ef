"""Turns a job's report into published versions, all or none."""

from __future__ import annotations

from collections.abc import Collection as SomeOf
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from cineforge.deciding.facts.edits import before_refinement, content_before_edits
from cineforge.deciding.instance import Instance
from cineforge.deciding.reads import Reads
from cineforge.deciding.reconcile import MemberHead, reconcile
from cineforge.model.collection import Collection, Member, Outcome
from cineforge.model.errors import ModuleFailed, VersionExists
from cineforge.model.health import ArtifactHealth
from cineforge.model.metadata import CostRecord, MadeFor, Parent, Provenance, Source
from cineforge.model.names import collection_type, is_collection
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.recipes.resolved import ResolvedStage
from cineforge.running.run_store import RunStore
from cineforge.running.workers.spec import JobReport, MadeOutput
from cineforge.running.workers.unpublished import put_aside
from cineforge.store import (
    HeadRow,
    HeldMeanwhile,
    Publication,
    StagedPayload,
    discard_payload,
    layout,
    stage_payload,
)
from cineforge.store.versions.staging import stage_bytes

#: So many members of a fan-out are compared with their heads at once.
_AT_ONCE = 500


@dataclass(frozen=True)
class Published:
    """What came of an instance: the versions made, and members kept or held.

    `beside` names the heads that a person held by then, each with the folder that what was made in vain is kept in,
    or None where nothing was paid for it.
    """

    refs: tuple[ArtifactRef, ...]
    kept: int = 0
    held: tuple[ArtifactKey, ...] = ()
    adopted: bool = False
    beside: Mapping[ArtifactRef, Path | None] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Work:
    """One finished module call, ready to publish. `version` is the number reserved for the declared outputs.

    Without a `ticket` none is made: it stands for a whole batch.
    """

    instance: Instance
    stage: ResolvedStage
    reads: Reads
    made: SomeOf[MadeOutput]
    costs: tuple[CostRecord, ...]
    version: int
    run_id: str
    ticket: bool = True


#: What a module made, each with where it is staged.
Outputs = list[tuple[MadeOutput, StagedPayload]]


def publish_outputs(store: RunStore, work: Work, staged: Outputs | None = None) -> Published:
    """Publish an instance without fan-out: every output under the reserved number, but for those held by now.

    All or none. `staged` is what `staged_outputs` has come to, if that was asked before.
    """
    outputs = staged_outputs(store, work) if staged is None else staged
    beside: dict[ArtifactRef, Path | None] = {}
    while outputs:
        try:
            return Published(_publish(store, work, publications(work, outputs)), beside=beside)
        except HeldMeanwhile as error:
            taken = [each for each in outputs if each[1].key in {head.key for head in error.heads}]
            for made, payload in taken:
                head = next(head for head in error.heads if head.key == payload.key)
                beside[head] = _keep_beside(store, work, made, payload)
            outputs = [each for each in outputs if each not in taken]
    return Published((), beside=beside)


def staged_outputs(store: RunStore, work: Work) -> Outputs:
    """All that an instance without fan-out made; of what is adopted, copies."""
    return [(made, _staged(store, made)) for made in work.made]


def publications(work: Work, outputs: Outputs) -> list[Publication]:
    """The outputs under the reserved number. A call is paid once, however many it made: by the first."""
    base = _provenance(work)
    paid = base.model_copy(update={"cost": work.costs})
    return [
        Publication(
            staged, _said(work, base if place else paid, made), work.version, ticket=work.ticket
        )
        for place, (made, staged) in enumerate(outputs)
    ]


def publish_fan_out(store: RunStore, work: Work) -> Published:
    """Publish what a fan-out changed, and the collection that names all of it. All or none."""
    while True:
        try:
            return _publish_fan_out(store, work)
        except HeldMeanwhile as error:
            # Of members, the next attempt finds that they are held. Without a collection they count for nothing.
            collections = [head for head in error.heads if is_collection(head.artifact_type)]
            if collections:
                for made in work.made:
                    if made.staged is not None:
                        _keep_beside(store, work, made, made.staged)
                return Published((), beside={collections[0]: _unpublished(store, work)})


def _publish_fan_out(store: RunStore, work: Work) -> Published:
    found = _reconciled(store, work)
    collection = Collection(parent=work.instance.entity, members=found.members)
    key = ArtifactKey(collection_type(work.stage.id), work.instance.entity)
    staged = stage_bytes(
        store.project,
        key,
        collection.canonical(),
        {_held_name(held): _payload(store, made) for held, made in found.held.items()},
        store.owner,
    )
    said = _provenance(work).model_copy(update={"cost": work.costs})
    # The collection comes last: it is what makes the members count.
    last = Publication(staged, said, work.version)
    batch = _NewMembers(work, found, last) if found.new else [last]
    return Published(_publish(store, work, batch), found.kept, tuple(found.held))


@dataclass
class _Reconciled:
    """Every member with its version, and how it came out; those that are held with what was made in vain.

    `staged` has what is new again, whose payload is an older version's.
    """

    members: dict[str, dict[str, Member]]
    held: dict[ArtifactKey, MadeOutput] = field(default_factory=dict)
    staged: dict[ArtifactKey, StagedPayload] = field(default_factory=dict)
    new: int = 0
    kept: int = 0


def _reconciled(store: RunStore, work: Work) -> _Reconciled:
    """Compare what was made with the heads, and take numbers for what is new. Piece by piece: it may be much."""
    found = _Reconciled({output.artifact_type: {} for output in work.stage.outputs})
    rest = iter(work.made)
    while piece := list(islice(rest, _AT_ONCE)):
        made_by_key = {ArtifactKey(made.artifact_type, made.entity_id): made for made in piece}
        heads = store.heads_of(made_by_key)
        outcomes = {
            key: reconcile(made.content, _member_head(store, heads.get(key)))
            for key, made in made_by_key.items()
        }
        new = [key for key, outcome in outcomes.items() if outcome is Outcome.NEW]
        numbers = store.reserve(new, work.run_id) if new else {}
        for key, outcome in outcomes.items():
            head = heads.get(key)
            version, content = numbers.get(key), made_by_key[key].content
            if version is None:
                assert head is not None, "an artifact without a head is always new"
                ref = head.ref if head.held else _begun_with(store, head)
                version = ref.version
                content = head.content if ref == head.ref else store.metadata(ref).content
            member = Member(version=version, content=content, outcome=outcome)
            found.members[key.artifact_type][key.entity_dir] = member
            if outcome is Outcome.HELD:
                found.held[key] = made_by_key[key]
            elif outcome is Outcome.NEW and made_by_key[key].staged is None:
                found.staged[key] = _staged(store, made_by_key[key])
            found.kept += outcome is Outcome.KEPT
        found.new += len(new)
    return found


class _NewMembers:
    """What is new of a fan-out, and its collection: each made when it is asked for, as there may be very many.

    That is within a transaction of the store's, so the store itself is asked nothing here.
    """

    def __init__(self, work: Work, found: _Reconciled, collection: Publication) -> None:
        self._work = work
        self._found = found
        self._collection = collection

    def __iter__(self) -> Iterator[Publication]:
        base = _provenance(self._work)
        for made in self._work.made:
            key = ArtifactKey(made.artifact_type, made.entity_id)
            member = self._found.members[made.artifact_type].get(key.entity_dir)
            if member is None or (member.content != made.content and member.outcome is Outcome.NEW):
                raise ModuleFailed(f"what it made was changed after it had ended: {key}")
            if member.outcome is Outcome.NEW:
                staged = made.staged or self._found.staged[key]
                yield Publication(staged, _said(self._work, base, made), member.version)
        yield self._collection


def _publish(store: RunStore, work: Work, batch: Iterable[Publication]) -> tuple[ArtifactRef, ...]:
    """Publish a batch or, if somebody put versions under its numbers by hand, keep it in the run's folder.

    Under any other number it could become the head above a person's version. Raises VersionExists, HeldMeanwhile.
    """
    try:
        return store.publish(batch, unless_held=True)
    except VersionExists as error:
        folder = _unpublished(store, work)
        for each in batch:
            if each.staged.folder.is_dir():
                put_aside(store.project, each.staged, folder)
        taken = str(error).partition(":")[0]
        raise VersionExists(
            f"{taken}; what was made is kept in {folder}: 'cineforge put' takes it from there,"
            " or run the same command again to have it made anew"
        ) from error


def keep_unpublished(store: RunStore, run_id: str, report: JobReport) -> Path | None:
    """Keep what a module made and what cannot be published in the run's folder; None when it made nothing new."""
    folder, is_some = store.project / layout.RUNS / run_id / layout.UNPUBLISHED, False
    for made in report.made:
        if made.staged is not None:
            put_aside(store.project, made.staged, folder)
            is_some = True
    return folder if is_some else None


def _unpublished(store: RunStore, work: Work) -> Path:
    return store.project / layout.RUNS / work.run_id / layout.UNPUBLISHED


def _keep_beside(
    store: RunStore, work: Work, made: MadeOutput, staged: StagedPayload
) -> Path | None:
    """Keep in the run's folder what a held head stands in the way of; what is adopted is there already."""
    if made.staged is None:
        discard_payload(staged)
        return None
    return put_aside(store.project, staged, _unpublished(store, work))


def _provenance(work: Work) -> Provenance:
    """What holds of every output of the instance."""
    lineage = tuple(
        Parent(ref=state.ref, role=role)
        for role, states in sorted(work.reads.inputs.items())
        for state in states
        if state.ref is not None
    )
    made_for = None
    if work.stage.for_each is not None and work.instance.entity is not None:
        made_for = MadeFor(artifact_type=work.stage.for_each, entity_id=work.instance.entity)
    return Provenance(
        lineage=lineage,
        gathered=work.reads.gathered,
        made_for=made_for,
        source=Source.CODE if work.stage.module.pure else Source.AI,
        producing_module=work.stage.module.module_id,
        run_id=work.run_id,
        fingerprint=work.reads.fingerprint(),
    )


def _said(work: Work, base: Provenance, made: MadeOutput) -> Provenance:
    said = made.said
    [rules] = [
        each.rules for each in work.stage.outputs if each.artifact_type == made.artifact_type
    ]
    return base.but(
        intent=said.intent,
        rationale=said.rationale,
        alternatives_considered=said.alternatives_considered,
        confidence=said.confidence,
        source=said.source or base.source,
        schema_version=rules.version,
    )


def _member_head(store: RunStore, head: HeadRow | None) -> MemberHead | None:
    if head is None:
        return None
    by_hand = head.fingerprint is None
    edited_from = content_before_edits(store.metadata, head.ref) if by_hand else None
    needs_revision = head.health is ArtifactHealth.NEEDS_REVISION
    if head.refined and not head.held:
        # What this fan-out made of it lies below; a revision is asked of who refined it.
        return MemberHead(store.metadata(_begun_with(store, head)).content)
    return MemberHead(head.content, head.held, edited_from, needs_revision)


def _begun_with(store: RunStore, head: HeadRow) -> ArtifactRef:
    """The version that a fan-out made of a member, below what was refined from it."""
    return before_refinement(store.metadata, head.ref) if head.refined else head.ref


def _staged(store: RunStore, made: MadeOutput) -> StagedPayload:
    if made.staged is not None:
        return made.staged
    ref = _made_before(store, made)
    files: dict[str, Path | bytes] = {
        file.path: store.folder(ref) / layout.FILES_DIR / file.path
        for file in store.metadata(ref).files
    }
    return stage_payload(store.project, ref.key, store.checked_data(ref), files, store.owner)


def _made_before(store: RunStore, made: MadeOutput) -> ArtifactRef:
    """Where content is that was not written anew.

    It is adopted, or of a member that had it until a person's version came in between.
    """
    for ref in reversed(store.list_versions(made.artifact_type, made.entity_id)):
        if store.metadata(ref).content == made.content:
            return ref
    raise AssertionError(
        f"no version of {made.artifact_type}/{made.entity_id} has the content kept"
    )


def _held_name(key: ArtifactKey) -> str:
    """The collection's file with what the machine would have made of a member that a person holds."""
    return f"held/{key.artifact_type}/{key.entity_dir}.json"


def _payload(store: RunStore, made: MadeOutput) -> Path:
    folder = store.folder(_made_before(store, made)) if made.staged is None else made.staged.folder
    return folder / layout.DATA_FILE
