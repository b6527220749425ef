"""What is known of a version's fitness, and the records that judge it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from cineforge.model.refs import ArtifactRef, EntityId, Strict, TypeName

ASSESSMENT_TYPE = "assessment"
HOLD_TYPE = "hold"
PROJECT_CONFIG_TYPE = "project_config"
#: Types that recipes may not make: the store itself reads their payloads.
RESERVED_TYPES = frozenset({ASSESSMENT_TYPE, HOLD_TYPE, PROJECT_CONFIG_TYPE})


class ArtifactHealth(StrEnum):
    """Whether a head can be relied on: is what it was made from still what is there now?"""

    VALID = "valid"
    STALE = "stale"
    NEEDS_REVISION = "needs_revision"
    CONFIRMED_VALID = "confirmed_valid"


class Verdict(StrEnum):
    """What a judgement comes to: the version still holds, or must be made anew."""

    CONFIRMED = "confirmed"
    NEEDS_REVISION = "needs_revision"


class AssessedBy(StrEnum):
    """What kind of judge it was."""

    PERSON = "person"
    RULE = "rule"
    AI = "ai"


class Assessment(Strict):
    """A recorded judgement on one version. The payload of an artifact of type `assessment`.

    `examined` names the upstream versions that the judge looked at: they, and later versions of them with
    the same content, are no longer causes of staleness for the subject.
    """

    subject: ArtifactRef
    verdict: Verdict
    examined: tuple[ArtifactRef, ...] = ()
    by: AssessedBy
    who: str
    why: str
    confidence: Annotated[float, Field(ge=0, le=1)] = 1.0


class HoldAction(StrEnum):
    HOLD = "hold"
    RELEASE = "release"


class Hold(Strict):
    """Pins or frees the head of an artifact. The payload of an artifact of type `hold`."""

    artifact_type: TypeName
    entity_id: EntityId | None = None
    action: HoldAction
    who: str
    why: str
