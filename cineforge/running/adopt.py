"""Work that was done before is not paid twice: an older version with the same fingerprint is taken as the new one."""

from __future__ import annotations

from cineforge.deciding.facts.adoption import adoptable
from cineforge.model.metadata import ArtifactMetadata
from cineforge.model.module_result import Output
from cineforge.model.refs import ArtifactRef
from cineforge.recipes.resolved import ResolvedStage
from cineforge.running.run_store import RunStore
from cineforge.running.workers.spec import MadeOutput


def adopted_outputs(
    store: RunStore, stage: ResolvedStage, entity: str | None, fingerprint: str
) -> tuple[MadeOutput, ...]:
    """What the same work made before, as if a module had just made it; empty when it is not all there.

    Nothing is staged: the payloads are taken from the versions themselves.
    """
    found = adoptable(store, stage, entity, fingerprint)
    return tuple(_as_made(ref, store.metadata(ref)) for ref in found)


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
