"""What a project answers: plain facts, which the commands put into words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cineforge.model.health import ArtifactHealth, Assessment
from cineforge.model.metadata import ArtifactMetadata
from cineforge.model.refs import ArtifactKey, ArtifactRef

if TYPE_CHECKING:
    from cineforge.deciding.decide import Decision
    from cineforge.deciding.dry_run.pricing.forecast import Range
    from cineforge.store import Cause


@dataclass(frozen=True)
class Change:
    """A head that makes others stale. `direct` counts those that stand on what was there before it.

    `metadata` is None when its record is damaged, or was not asked for.
    """

    ref: ArtifactRef
    direct: int
    metadata: ArtifactMetadata | None


@dataclass(frozen=True)
class Status:
    """What is there and what is out of date.

    `counts`: by type, how many heads are in each state of health, or have vanished. `stale` maps the stale heads to
    one upstream change each, where that was asked for, and `to_revise` those of which a revision is asked for to the
    word that asks. `vanished` are entities that no fan-out names any more, `orphaned` what was made for one of these.
    `far_ahead` are versions dated far later than this machine's clock, records of judgement included.
    `not_linked` tells what stands in the place of links in `current/`, such as edits that are in no version.
    `to_approve` is what others wait for until somebody confirms it.
    """

    counts: dict[str, dict[str, int]]
    stale: dict[ArtifactRef, ArtifactRef | None]
    changes: tuple[Change, ...]
    to_revise: dict[ArtifactRef, Assessment | None]
    held: tuple[ArtifactRef, ...]
    vanished: tuple[ArtifactKey, ...]
    orphaned: tuple[ArtifactKey, ...]
    far_ahead: tuple[ArtifactRef, ...] = ()
    not_linked: tuple[str, ...] = ()
    to_approve: tuple[ArtifactRef, ...] = ()


@dataclass(frozen=True)
class Judgement:
    """An assessment on record, and what it made of the version's health."""

    record: ArtifactRef
    assessment: Assessment
    health: ArtifactHealth


@dataclass(frozen=True)
class Entry:
    """One version in an artifact's history; `metadata` is None, and `damage` says why, when its record is damaged."""

    ref: ArtifactRef
    health: ArtifactHealth
    metadata: ArtifactMetadata | None
    assessment: Assessment | None
    damage: str = ""


@dataclass(frozen=True)
class Step:
    """One line of a lineage tree, `level` steps from its root; `again`: its own steps were told before."""

    ref: ArtifactRef
    level: int
    again: bool


@dataclass(frozen=True)
class Would:
    """What a run would do for the instance that makes an artifact, and what one call of its module takes.

    `adopts` are the older versions that would be taken instead of a call. US dollars and seconds are None when no
    call is on record.
    """

    decision: Decision
    adopts: tuple[ArtifactRef, ...]
    usd: Range | None
    seconds: Range | None

    @property
    def action(self) -> str:
        return "adopt" if self.adopts else self.decision.action.value


@dataclass(frozen=True)
class KeptBy:
    """Who keeps a head from being replaced by runs, and why: by having made it, or by a hold."""

    who: str
    why: str
    made_it: bool


@dataclass(frozen=True)
class Why:
    """Why a version is as it is: causes, the nearest first; the held heads that alone keep it stale; the word on it.

    `kept_by` is None for what runs may replace, and for a version that is no head.
    `would` is what a run would do; None for a version that is no head, that is gone after it, or that the project's
    recipe does not make. `there_after_a_run` tells whether a fan-out names its entity then; None where that is
    not known before one has run, or of what is no head.
    """

    ref: ArtifactRef
    health: ArtifactHealth
    causes: tuple[Cause, ...]
    held: tuple[ArtifactKey, ...]
    kept_by: KeptBy | None
    assessment: Assessment | None
    vanished: bool
    would: Would | None
    there_after_a_run: bool | None = None
