"""What people, rules and models say, as what is published: whose record it is, and where that comes from."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

from cineforge.model.health import ASSESSMENT_TYPE, HOLD_TYPE, AssessedBy, Assessment, Hold
from cineforge.model.metadata import Provenance, Source
from cineforge.model.refs import ArtifactKey

_JUDGED_BY = {
    AssessedBy.PERSON: Source.HUMAN,
    AssessedBy.RULE: Source.CODE,
    AssessedBy.AI: Source.AI,
}


def new_record_key(said: Assessment | Hold) -> ArtifactKey:
    """The artifact of a record: never one that is there."""
    artifact_type = HOLD_TYPE if isinstance(said, Hold) else ASSESSMENT_TYPE
    return ArtifactKey(artifact_type, _record_id())


def record_provenance(said: Assessment | Hold) -> Provenance:
    if isinstance(said, Hold):
        key = ArtifactKey(said.artifact_type, said.entity_id)
        return Provenance(intent=f"{said.action.value}: {key}", rationale=said.why)
    return Provenance(
        intent=f"{said.verdict.value}: {said.subject}",
        rationale=said.why,
        confidence=said.confidence,
        source=_JUDGED_BY[said.by],
    )


def _record_id() -> str:
    """An entity id for a record: sorts by time, and is never used twice."""
    return f"{datetime.now(UTC):%Y%m%dt%H%M%S%f}-{secrets.token_hex(4)}"
