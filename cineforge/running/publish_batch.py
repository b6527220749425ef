"""Publishes what many instances made at once: each of them all or none, and none in the way of another."""

from __future__ import annotations

from collections.abc import Sequence

from cineforge.model.errors import CineForgeError
from cineforge.running.publish_work import (
    Outputs,
    Published,
    Work,
    publications,
    publish_outputs,
    staged_outputs,
)
from cineforge.running.run_store import RunStore


def publish_batch(store: RunStore, works: Sequence[Work]) -> list[Published | CineForgeError]:
    """What became of each, in order: no fan-outs. What cannot be published as it is, is tried again by itself."""
    staged = [staged_outputs(store, work) for work in works]
    if len(works) > 1:
        batches = [publications(*each) for each in zip(works, staged, strict=True)]
        try:
            refs = iter(store.publish([each for its in batches for each in its], unless_held=True))
            return [Published(tuple(next(refs) for _ in its)) for its in batches]
        except CineForgeError:
            pass  # nothing was published: somebody holds one of them by now, say
    return [_alone(store, work, outputs) for work, outputs in zip(works, staged, strict=True)]


def _alone(store: RunStore, work: Work, outputs: Outputs) -> Published | CineForgeError:
    try:
        return publish_outputs(store, work, outputs)
    except CineForgeError as error:
        return error
