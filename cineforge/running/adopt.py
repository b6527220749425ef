"""Work that was done before is not paid twice: an older version with the same fingerprint is taken as the new one."""

from __future__ import annotations

from cineforge.model.collection import Collection, Outcome
from cineforge.model.metadata import ArtifactMetadata
from cineforge.model.module_result import Output
from cineforge.model.names import collection_type
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.recipes.resolved import ResolvedStage
from cineforge.running.run_store import RunStore
from cineforge.running.spec import MadeOutput


def adoptable(
    store: RunStore, stage: ResolvedStage, entity: str | None, fingerprint: str
) -> tuple[MadeOutput, ...]:
    """What the same work made before, as if a module had just made it; empty when it is not all there.

    Never a person's version, nor one of which a revision is asked for. Nothing is staged: the payloads are
    taken from the versions themselves.
    """
    if stage.is_fan_out:
        return _members(store, ArtifactKey(collection_type(stage.id), entity), fingerprint)
    made = []
    for name in stage.ticket_types:
        found = store.made_by_the_same_work(ArtifactKey(name, entity), fingerprint)
        if not found:
            return ()
        made.append(_as_made(found[0], store.metadata(found[0])))
    return tuple(made)


def _members(store: RunStore, key: ArtifactKey, fingerprint: str) -> tuple[MadeOutput, ...]:
    """The members that an older collection named. One that held a member names a person's work, not the machine's."""
    for ref in store.made_by_the_same_work(key, fingerprint):
        named = Collection.model_validate_json(
            (store.folder(ref) / "data.json").read_bytes()
        ).refs()
        records = {member: store.metadata(member) for member in named}
        by_machine = all(record.fingerprint is not None for record in records.values())
        if named and by_machine and Outcome.HELD not in named.values():
            return tuple(_as_made(member, record) for member, record in records.items())
    return ()


def _as_made(ref: ArtifactRef, record: ArtifactMetadata) -> MadeOutput:
    said = Output(
        data=None,
        intent=record.intent,
        rationale=f"{record.rationale}\n(Adopted from {ref}, made by the same work.)".strip(),
        alternatives_considered=record.alternatives_considered,
        confidence=record.confidence,
        source=record.source,
        files=tuple(file.path for file in record.files),
    )
    return MadeOutput(ref.artifact_type, ref.entity_id, record.content, None, said)
