"""Work that was done before is not paid twice: an older version with the same fingerprint is taken as the new one."""

from __future__ import annotations

from cineforge.deciding.facts.adoption import adoptable, adoptable_members
from cineforge.model.errors import StoreDamaged
from cineforge.model.metadata import ArtifactMetadata
from cineforge.model.module_result import Output
from cineforge.model.names import collection_type
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.recipes.resolved import ResolvedStage
from cineforge.running.run_store import RunStore
from cineforge.running.workers.spec import MadeOutput
from cineforge.store.versions.verification import check_attached


def adopted_outputs(
    store: RunStore, stage: ResolvedStage, entity: str | None, fingerprint: str
) -> tuple[MadeOutput, ...]:
    """What the same work made before, as if a module had just made it; empty when it is not all there.

    Nothing is staged: the payloads are taken from the versions themselves. Nor is anything of which an attached file
    was changed, which a plan does not look at.
    """
    named: dict[ArtifactRef, tuple[str, ...] | None]
    if stage.is_fan_out:
        key = ArtifactKey(collection_type(stage.id), entity)
        members = adoptable_members(store, key, fingerprint)
        named = {ref: member.made_from for ref, member in members}
    else:
        named = dict.fromkeys(adoptable(store, stage, entity, fingerprint))
    made = []
    for ref, made_from in named.items():
        record = store.metadata(ref)
        try:
            check_attached(store.folder(ref), record.files)
        except StoreDamaged:
            return ()
        made.append(_as_made(ref, record, made_from))
    return tuple(made)


def _as_made(
    ref: ArtifactRef, record: ArtifactMetadata, made_from: tuple[str, ...] | None
) -> MadeOutput:
    said = Output(
        data=None,
        intent=record.intent,
        rationale=f"{record.rationale}\n(Adopted from {ref}, made by the same work.)".strip(),
        alternatives_considered=record.alternatives_considered,
        confidence=record.confidence,
        source=record.source,
        files=tuple(file.path for file in record.files),
        made_from=made_from,
    )
    return MadeOutput(ref.artifact_type, ref.entity_id, record.content, None, said)
