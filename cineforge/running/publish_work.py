"""Turns a job's report into published versions, all or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cineforge.deciding.facts.edits import content_before_edits
from cineforge.deciding.instance import Instance
from cineforge.deciding.reads import Reads
from cineforge.deciding.reconcile import MemberHead, reconcile
from cineforge.model.collection import Collection, Member, Outcome
from cineforge.model.errors import VersionExists
from cineforge.model.health import ArtifactHealth
from cineforge.model.metadata import CostRecord, MadeFor, Parent, Provenance, Source
from cineforge.model.names import collection_type, is_collection
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.recipes.resolved import ResolvedStage
from cineforge.running.run_store import RunStore
from cineforge.running.workers.spec import JobReport, MadeOutput
from cineforge.store import (
    HeadRow,
    HeldMeanwhile,
    Publication,
    StagedPayload,
    discard_payload,
    layout,
    stage_payload,
)


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
    """One finished module call, ready to publish. `version` is the number reserved for the declared outputs."""

    instance: Instance
    stage: ResolvedStage
    reads: Reads
    report: JobReport
    costs: tuple[CostRecord, ...]
    version: int
    run_id: str


def publish_outputs(store: RunStore, work: Work) -> Published:
    """Publish an instance without fan-out: every output under the reserved number, but for those held by now.

    All or none.
    """
    staged = [_staged(store, made) for made in work.report.made]
    outputs = dict(zip((each.key for each in staged), work.report.made, strict=True))
    payloads = {each.key: each for each in staged}
    beside: dict[ArtifactRef, Path | None] = {}
    base = _provenance(work)
    while outputs:
        batch = []
        for place, (key, made) in enumerate(outputs.items()):
            said = _said(base, made)
            if place == 0:
                # A call is paid once, however many outputs it made.
                said = said.model_copy(update={"cost": work.costs})
            batch.append(Publication(payloads[key], said, work.version))
        try:
            return Published(_publish(store, work, batch), beside=beside)
        except HeldMeanwhile as error:
            for head in error.heads:
                made = outputs.pop(head.key)
                beside[head] = _keep_beside(store, work, made, payloads[head.key])
    return Published((), beside=beside)


def publish_fan_out(store: RunStore, work: Work) -> Published:
    """Publish what a fan-out changed, and the collection that names all of it. All or none."""
    while True:
        try:
            return _publish_fan_out(store, work)
        except HeldMeanwhile as error:
            # Of members, the next attempt finds that they are held. Without a collection they count for nothing.
            collections = [head for head in error.heads if is_collection(head.artifact_type)]
            if collections:
                for made in work.report.made:
                    if made.staged is not None:
                        _keep_beside(store, work, made, made.staged)
                return Published((), beside={collections[0]: _unpublished(store, work)})


def _publish_fan_out(store: RunStore, work: Work) -> Published:
    made_by_key = {ArtifactKey(m.artifact_type, m.entity_id): m for m in work.report.made}
    heads = store.heads_of(made_by_key)
    outcomes = {
        key: reconcile(made.content, _member_head(store, heads.get(key)))
        for key, made in made_by_key.items()
    }
    new = [key for key, outcome in outcomes.items() if outcome is Outcome.NEW]
    numbers = store.reserve(new, work.run_id)
    base = _provenance(work)
    batch = [
        Publication(
            _staged(store, made_by_key[key]),
            _said(base, made_by_key[key]),
            numbers[key],
        )
        for key in new
    ]
    members: dict[str, dict[str, Member]] = {
        output.artifact_type: {} for output in work.stage.outputs
    }
    for key, outcome in outcomes.items():
        head = heads.get(key)
        version, content = numbers.get(key), made_by_key[key].content
        if version is None:
            assert head is not None, "an artifact without a head is always new"
            version, content = head.ref.version, head.content
        members[key.artifact_type][key.entity_dir] = Member(
            version=version, content=content, outcome=outcome
        )
    held = tuple(key for key, outcome in outcomes.items() if outcome is Outcome.HELD)
    collection = Collection(parent=work.instance.entity, members=members)
    key = ArtifactKey(collection_type(work.stage.id), work.instance.entity)
    staged = stage_payload(
        store.project,
        key,
        collection.model_dump(mode="json"),
        {_held_name(key): _payload(store, made_by_key[key]) for key in held},
        store.owner,
    )
    provenance = base.model_copy(update={"cost": work.costs})
    # The collection comes last: it is what makes the members count.
    refs = _publish(store, work, [*batch, Publication(staged, provenance, work.version)])
    kept = sum(outcome is Outcome.KEPT for outcome in outcomes.values())
    return Published(refs, kept, held)


def _publish(store: RunStore, work: Work, batch: Sequence[Publication]) -> tuple[ArtifactRef, ...]:
    """Publish a batch or, if somebody put versions under its numbers by hand, keep it in the run's folder.

    Under any other number it could become the head above a person's version. Raises VersionExists, HeldMeanwhile.
    """
    try:
        return store.publish(batch, unless_held=True)
    except VersionExists as error:
        folder = _unpublished(store, work)
        for each in batch:
            if each.staged.folder.is_dir():
                _put_aside(each.staged, folder)
        taken = str(error).partition(":")[0]
        raise VersionExists(
            f"{taken}; what was made is kept in {folder}: 'cineforge put' takes it from there,"
            " or run the same command again to have it made anew"
        ) from error


def keep_unpublished(store: RunStore, run_id: str, report: JobReport) -> Path | None:
    """Keep what a module made and what cannot be published in the run's folder; None when it made nothing new."""
    staged = [made.staged for made in report.made if made.staged is not None]
    folder = store.project / layout.RUNS / run_id / layout.UNPUBLISHED
    for each in staged:
        _put_aside(each, folder)
    return folder if staged else None


def _unpublished(store: RunStore, work: Work) -> Path:
    return store.project / layout.RUNS / work.run_id / layout.UNPUBLISHED


def _keep_beside(
    store: RunStore, work: Work, made: MadeOutput, staged: StagedPayload
) -> Path | None:
    """Keep in the run's folder what a held head stands in the way of; what is adopted is there already."""
    if made.staged is None:
        discard_payload(staged)
        return None
    return _put_aside(staged, _unpublished(store, work))


def _put_aside(staged: StagedPayload, folder: Path) -> Path:
    home = folder / staged.key.artifact_type
    home.mkdir(parents=True, exist_ok=True)
    target, attempt = home / staged.key.entity_dir, 1
    while target.exists():
        attempt += 1
        target = home / f"{staged.key.entity_dir}.{attempt}"
    staged.folder.rename(target)
    return target


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
        source=Source.AI,
        producing_module=work.stage.module.module_id,
        run_id=work.run_id,
        fingerprint=work.reads.fingerprint(),
    )


def _said(base: Provenance, made: MadeOutput) -> Provenance:
    said = made.said
    return base.but(
        intent=said.intent,
        rationale=said.rationale,
        alternatives_considered=said.alternatives_considered,
        confidence=said.confidence,
        source=said.source,
    )


def _member_head(store: RunStore, head: HeadRow | None) -> MemberHead | None:
    if head is None:
        return None
    by_hand = head.fingerprint is None
    edited_from = content_before_edits(store.metadata, head.ref) if by_hand else None
    needs_revision = head.health is ArtifactHealth.NEEDS_REVISION
    return MemberHead(head.content, head.held, edited_from, needs_revision)


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
