"""A finished module call, ready to publish, and what comes of it."""

from __future__ import annotations

from collections.abc import Collection as SomeOf
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cineforge.deciding.instance import Instance
from cineforge.deciding.reads import Reads
from cineforge.model.metadata import CostRecord, MadeFor, Parent, Provenance, Source
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.recipes.resolved import ResolvedStage
from cineforge.running.workers.spec import MadeOutput


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


def provenance(work: Work) -> Provenance:
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


def said_of(work: Work, base: Provenance, made: MadeOutput) -> Provenance:
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
