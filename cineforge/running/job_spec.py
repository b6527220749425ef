"""The call of a module for one instance: what comes from the plan, what from the store, and where it may write."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from cineforge.deciding.facts.edits import before_refinement, first_edited
from cineforge.deciding.instance import Instance
from cineforge.deciding.reads import Reads
from cineforge.model.metadata import AttachedFile
from cineforge.model.names import NO_ENTITY, collection_type
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.recipes.resolved import ResolvedStage
from cineforge.running.run_store import RunStore
from cineforge.running.workers.module_context.remembering import Memory
from cineforge.running.workers.spec import InputFile, JobSpec, OutputContract, PreviousMembers
from cineforge.store import HeadRow

Inputs = Mapping[str, tuple[InputFile, ...]]
#: Where a version lies, and which files it has: None when its own record tells.
Location = tuple[Path, tuple[AttachedFile, ...] | None]


@dataclass(frozen=True)
class CallPlace:
    """Where one call writes: `project` and `owner` are of the staging folders for what it makes.

    `secrets` are written nowhere. A call that is no run's own has no `memory`, and keeps nothing `unpublished`.
    `purse` is the id of the run whose budget it pays from.
    """

    project: Path
    owner: str
    log: Path
    scratch: Path
    costs: Path
    attempt: int = 1
    instrument: bool = False
    memory: Memory | None = None
    unpublished: Path | None = None
    secrets: frozenset[str] = frozenset()
    purse: str | None = None


def inputs_of(
    stage: ResolvedStage, reads: Reads, location: Callable[[ArtifactRef], Location]
) -> dict[str, tuple[InputFile, ...]]:
    """By role, what an instance reads; nothing for optional inputs that nothing feeds."""
    lifts = {wanted.name: wanted.upgrades for wanted in stage.inputs}
    return {
        role: tuple(
            InputFile(
                str(ref), state.key.entity_id, str(folder), state.content, files, lifts.get(role)
            )
            for state in states
            if (ref := state.ref) is not None and state.content is not None
            for folder, files in [location(ref)]
        )
        for role, states in reads.inputs.items()
    } | dict.fromkeys(stage.absent_inputs, ())


def job_spec(
    store: RunStore,
    stage: ResolvedStage,
    instance: Instance,
    inputs: Inputs,
    sources: Mapping[str, Path],
    place: CallPlace,
) -> JobSpec:
    """One call of a stage's module."""
    before = _named_before(store, stage, instance) if stage.is_fan_out else {}
    heads = store.heads_of(before) if before else {}
    return JobSpec(
        project=place.project,
        owner=place.owner,
        stage=stage.id,
        entity=instance.entity,
        attempt=place.attempt,
        code=stage.module.code,
        params=dict(stage.params),
        sources=sources,
        config=stage.config,
        inputs=inputs,
        many_inputs=frozenset(wanted.name for wanted in stage.inputs if wanted.many)
        | {name for name, many in stage.absent_inputs.items() if many},
        outputs=_contracts(stage, heads),
        previous=_previous(store, stage, instance, heads)
        if stage.is_fan_out
        else PreviousMembers(),
        log=place.log,
        scratch=place.scratch,
        costs=place.costs,
        instrument=place.instrument,
        pure=stage.module.pure,
        memory=place.memory,
        unpublished=place.unpublished,
        secrets=place.secrets,
        purse=place.purse,
    )


def _contracts(
    stage: ResolvedStage, heads: Mapping[ArtifactKey, HeadRow]
) -> tuple[OutputContract, ...]:
    known: dict[str, dict[str | None, str]] = {}
    for key, head in heads.items():
        if head.refined:
            continue  # what this stage made of it lies below
        known.setdefault(key.artifact_type, {})[key.entity_id] = head.content
    return tuple(
        OutputContract(
            output.artifact_type,
            output.many,
            output.rules,
            known.get(output.artifact_type, {}),
            output.called,
            output.upgrades if stage.is_fan_out else None,
        )
        for output in stage.outputs
    )


def _named_before(
    store: RunStore, stage: ResolvedStage, instance: Instance
) -> Mapping[ArtifactKey, ArtifactRef]:
    """Every artifact that the previous collection names."""
    collection = store.collection(ArtifactKey(collection_type(stage.id), instance.entity))
    return {ref.key: ref for ref in collection.refs()} if collection else {}


def _previous(
    store: RunStore,
    stage: ResolvedStage,
    instance: Instance,
    heads: Mapping[ArtifactKey, HeadRow],
) -> PreviousMembers:
    """What a fan-out module may match its members against: heads by own id, vanished ones, all ids ever used."""
    prefix = "" if instance.entity is None else f"{instance.entity}."
    folders: dict[str, dict[str, Path]] = {}
    used: dict[str, frozenset[str]] = {}
    vanished: dict[str, dict[str, Path]] = {}
    for key, head in heads.items():
        ref = before_refinement(store.metadata, head.ref) if head.refined else head.ref
        folders.setdefault(key.artifact_type, {})[_own_id(key, instance)] = store.folder(ref)
    for output in stage.outputs:
        if output.many:
            name = output.artifact_type
            used[name] = frozenset(
                entity.removeprefix(prefix)
                for entity in store.used_ids(name)
                if entity.startswith(prefix)
            )
            gone = used[name] - folders.get(name, {}).keys()
            keys = [ArtifactKey(name, f"{prefix}{own}") for own in sorted(gone)]
            vanished[name] = {
                _own_id(key, instance): store.folder(_machine_version(store, head))
                for key, head in store.heads_of(keys).items()
            }
    return PreviousMembers(folders, used, vanished)


def _machine_version(store: RunStore, head: HeadRow) -> ArtifactRef:
    """What a module made of it, be a person's edit the head."""
    first = head.ref if head.fingerprint else first_edited(store.metadata, head.ref)
    return before_refinement(store.metadata, first)


def _own_id(key: ArtifactKey, instance: Instance) -> str:
    """A member's id without its parent's; `_` for an output that has no id of its own."""
    if key.entity_id is None or key.entity_id == instance.entity:
        return NO_ENTITY
    return (
        key.entity_id
        if instance.entity is None
        else key.entity_id.removeprefix(f"{instance.entity}.")
    )
