"""Which instances of a stage one job does: slices of its entities, the same ones for all stages over them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from cineforge.deciding.instance import Instance
from cineforge.recipes.resolved import Reach, ResolvedRecipe, ResolvedStage

Item = TypeVar("Item")

#: So many jobs for each core, or for each of the jobs that a cluster does at once: so all are at work to the end.
_JOBS_PER_SLOT = 4
#: One job does no more instances: it is what is not seen, or lost, in one piece.
_MOST = 200
#: What one job should take at most, in seconds: here, and elsewhere, where it takes seconds to begin.
LOCAL_SECONDS, REMOTE_SECONDS = 1.0, 60.0


@dataclass(frozen=True)
class PastCalls:
    """What calls of a stage's module took on average, and whether they were paid; None for what nobody knows."""

    seconds: float | None = None
    paid: bool = False


def batch_size(
    stage: ResolvedStage, count: int, slots: int, longest: float, past: PastCalls
) -> int:
    """How many of so many instances one job does, where so many jobs are done at once and take `longest` seconds."""
    wanted = stage.options.batch
    if wanted is not None:
        return wanted
    size = min(_MOST, math.ceil(count / (_JOBS_PER_SLOT * max(1, slots))))
    if past.seconds is not None:
        size = min(size, int(longest / max(past.seconds, 1e-6)))
    return 1 if past.paid else max(1, size)


def may_be_batched(recipe: ResolvedRecipe, stage: ResolvedStage, *, keep_going: bool) -> bool:
    """Whether a job may do several instances of a stage.

    Not of a fan-out, nor of one that refines what others make, nor where each instance has limits or attempts of its
    own, unless the recipe says so. With `--keep-going` what needs an instance that went well goes on although another
    failed, so those must not be one job where anything needs a part of them.
    """
    options = stage.options
    if stage.for_each is None or stage.is_fan_out or stage.refines or options.batch == 1:
        return False
    has_own = options.timeout or options.retries or options.resources or options.threads > 1
    if has_own and options.batch is None:
        return False
    return not (keep_going and _is_needed_in_part(recipe, stage.id))


def _is_needed_in_part(recipe: ResolvedRecipe, stage_id: str) -> bool:
    """Whether an instance of another stage needs some instances of this one, and not all."""
    return any(
        wanted.producer == stage_id and wanted.reach is not Reach.ALL
        for stage in recipe.stages.values()
        for wanted in stage.inputs
    )


class Batches:
    """The batches of one run. An instance is of one batch for good, from the moment in which its work is planned.

    `size_of` tells how many of some instances of a stage one job does.
    """

    def __init__(
        self, recipe: ResolvedRecipe, size_of: Callable[[ResolvedStage, Sequence[Instance]], int]
    ) -> None:
        self._recipe = recipe
        self._size_of = size_of
        self._of: dict[Instance, tuple[Instance, ...]] = {}
        self._done: dict[Instance, int] = {}
        self._done_beyond_jobs = self._beyond_jobs = 0
        #: By entity type: the slice of each entity.
        self._slices: dict[str, dict[str, int]] = {}

    def plan(self, instances: Iterable[Instance]) -> None:
        """Put instances that have work to do, and are in no batch yet, into batches."""
        by_stage: dict[str, list[Instance]] = {}
        for each in instances:
            by_stage.setdefault(each.stage, []).append(each)
        for stage_id, its in by_stage.items():
            stage = self._recipe.stages[stage_id]
            size = self._size_of(stage, its)
            if size > 1:
                for batch in self._sliced(stage, its, size):
                    self._of.update(dict.fromkeys(batch, batch))
                    self._beyond_jobs += len(batch) - 1

    def of(self, instance: Instance) -> tuple[Instance, ...]:
        """The instances that the job of this one does, in order: the first gives the job its name, and its ticket."""
        return self._of.get(instance, (instance,))

    def first(self, instance: Instance) -> Instance:
        return self.of(instance)[0]

    def finish(self, instance: Instance) -> None:
        """Say that an instance is done, for the first time."""
        batch = self._of.get(instance)
        if batch is None:
            return
        done = self._done[batch[0]] = self._done.get(batch[0], 0) + 1
        # The last of a batch is done with its job.
        self._done_beyond_jobs += done < len(batch)

    def beyond_jobs(self) -> tuple[int, int]:
        """How many more instances are done than jobs, and how many more there are: all of a batch but one."""
        return self._done_beyond_jobs, self._beyond_jobs

    def _sliced(
        self, stage: ResolvedStage, instances: Sequence[Instance], size: int
    ) -> Iterable[tuple[Instance, ...]]:
        slices = self._slices.setdefault(stage.for_each or "", {})
        new = [each.entity for each in instances if each.entity not in slices]
        first = len(set(slices.values()))
        for number, some in enumerate(_evenly(new, size), start=first):
            slices.update(dict.fromkeys(filter(None, some), number))
        together: dict[int, list[Instance]] = {}
        for each in instances:
            together.setdefault(slices[each.entity or ""], []).append(each)
        for its in together.values():
            for batch in _evenly(its, size):
                if len(batch) > 1:
                    yield tuple(batch)


def _evenly(items: Sequence[Item], size: int) -> Iterable[Sequence[Item]]:
    """The items in as few pieces as there must be, none larger than the size, all about as large."""
    count = math.ceil(len(items) / size)
    return [items[len(items) * n // count : len(items) * (n + 1) // count] for n in range(count)]
