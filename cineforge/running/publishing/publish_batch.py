"""Publishes what many instances made at once: each of them all or none, and none in the way of another."""

from __future__ import annotations

from collections.abc import Sequence

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
    staged = [staged_outputs(store, work) for work in works]
    alone = [len(outputs) == 1 for outputs in staged]
    together = [
        publications(work, outputs)[0]
        for work, outputs, is_alone in zip(works, staged, alone, strict=True)
        if is_alone
    ]
    done = iter(store.publish_each(together, unless_held=True) if together else ())
    return [
        _outcome(store, work, outputs, next(done) if is_alone else None)
        for work, outputs, is_alone in zip(works, staged, alone, strict=True)
    ]


def _outcome(
    store: RunStore, work: Work, outputs: Outputs, done: ArtifactRef | CineForgeError | None
) -> Published | CineForgeError:
    if isinstance(done, ArtifactRef):
        return Published((done,))
    try:
        return publish_outputs(store, work, outputs)
    except CineForgeError as error:
        return error
