"""Publishes what many instances made at once: each of them all or none, and none in the way of another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cineforge.model.errors import CineForgeError
from cineforge.model.refs import ArtifactRef
from cineforge.running.publishing.publish_outputs import (
    Outputs,
    publications,
    publish_outputs,
    staged_outputs,
)
from cineforge.running.publishing.work import Published, Work
from cineforge.running.run_store import RunStore


def publish_batch(store: RunStore, works: Sequence[Work]) -> list[Published | CineForgeError]:
    """What became of each, in order: no fan-outs.

    Those of one output are published together. Of several, all or none, they are by themselves; and so once more what
    could not be published as it is: as somebody holds it by now, say.
    """
    staged = [_staged(store, work) for work in works]
    together = [
        publications(work, outputs)[0]
        for work, outputs in zip(works, staged, strict=True)
        if isinstance(outputs, list) and len(outputs) == 1
    ]
    done = iter(store.publish_each(together, unless_held=True) if together else ())
    return [
        _outcome(store, work, outputs, done) for work, outputs in zip(works, staged, strict=True)
    ]


def _staged(store: RunStore, work: Work) -> Outputs | CineForgeError:
    try:
        return staged_outputs(store, work)
    except CineForgeError as error:
        return error


def _outcome(
    store: RunStore,
    work: Work,
    outputs: Outputs | CineForgeError,
    published: Iterator[ArtifactRef | CineForgeError],
) -> Published | CineForgeError:
    if isinstance(outputs, CineForgeError):
        return outputs
    if len(outputs) == 1 and isinstance(done := next(published), ArtifactRef):
        return Published((done,))
    try:
        return publish_outputs(store, work, outputs)
    except CineForgeError as error:
        return error
