"""Publishes what instances without fan-out made."""

from __future__ import annotations

from pathlib import Path

from cineforge.model.refs import ArtifactRef
from cineforge.running.publishing.payloads_made import staged_payload
from cineforge.running.publishing.publish_or_keep import keep_beside, publish_or_keep
from cineforge.running.publishing.work import Published, Work, provenance, said_of
from cineforge.running.run_store import RunStore
from cineforge.running.workers.spec import MadeOutput
from cineforge.store import HeldMeanwhile, Publication, StagedPayload

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
            return Published(
                publish_or_keep(store, work, publications(work, outputs)), beside=beside
            )
        except HeldMeanwhile as error:
            taken = [each for each in outputs if each[1].key in {head.key for head in error.heads}]
            for made, payload in taken:
                head = next(head for head in error.heads if head.key == payload.key)
                beside[head] = keep_beside(store, work, made, payload)
            outputs = [each for each in outputs if each not in taken]
    return Published((), beside=beside)


def staged_outputs(store: RunStore, work: Work) -> Outputs:
    """All that an instance without fan-out made; of what is adopted, copies."""
    return [(made, staged_payload(store, made)) for made in work.made]


def publications(work: Work, outputs: Outputs) -> list[Publication]:
    """The outputs under the reserved number. A call is paid once, however many it made: by the first."""
    base = provenance(work)
    paid = base.model_copy(update={"cost": work.costs})
    return [
        Publication(
            staged, said_of(work, base if place else paid, made), work.version, ticket=work.ticket
        )
        for place, (made, staged) in enumerate(outputs)
    ]
