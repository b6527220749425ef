"""Stages whose work somebody has to approve before it is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from cineforge.deciding.facts.world import HeadState, World
from cineforge.deciding.instance import Instance
from cineforge.model.names import collection_type
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.recipes.resolved import ResolvedRecipe

#: The instances of a stage as far as they are known, and the fan-outs that must run to know the rest.
Instances = Callable[[str], tuple[list[Instance], tuple[Instance, ...]]]

#: Stands for the entities that nobody knows yet.
ANY = "*"


class Gates:
    """Which gates are closed for one planner. One that closes meanwhile stops what has yet to begin.

    `is_at_rest` tells whether a run leaves an instance as it is; `waits` what it is itself waiting for; `instances`
    which a stage has; `own_heads` the versions that stand for one.
    """

    def __init__(
        self,
        recipe: ResolvedRecipe,
        world: World,
        is_at_rest: Callable[[Instance], bool],
        waits: Callable[[Instance], tuple[ArtifactKey, ...]],
        instances: Instances,
        own_heads: Callable[[Instance], list[HeadState | None]],
    ) -> None:
        self._recipe = recipe
        self._world = world
        self._is_at_rest = is_at_rest
        self._waits = waits
        self._instances = instances
        self._own_heads = own_heads
        #: By stage: what a run leaves closed of it, and what may come to be closed.
        self._closed_of: dict[str, tuple[ArtifactKey, ...]] = {}

    def before(self, maker: Instance) -> tuple[ArtifactKey, ...]:
        """What is to be approved before anybody reads what an instance that has yet to run will make."""
        stage = self._recipe.stages[maker.stage]
        waits = self._waits(maker)
        if waits or not stage.is_gate:
            return waits  # what it will make is there to be looked at only when it has been made
        if stage.is_fan_out:
            return (ArtifactKey(collection_type(stage.id), maker.entity),)
        return tuple(ArtifactKey(name, maker.entity) for name in stage.ticket_types)

    def closed(self, maker: Instance, ref: ArtifactRef) -> tuple[ArtifactKey, ...]:
        """What is to be approved before a version is read; of a fan-out's member that is the whole collection."""
        stage = self._recipe.stages[maker.stage]
        if stage.refines and (waits := self._waits(maker)):
            return waits  # what is there now may be what it has yet to refine
        if not stage.is_gate:
            return ()
        if not self._is_at_rest(maker):
            return self.before(maker)
        subject: ArtifactRef | None = ref
        if stage.is_fan_out:
            head = self._world.head(ArtifactKey(collection_type(stage.id), maker.entity))
            subject = head.ref if head else None
        if subject is None or self._world.is_approved(subject):
            return ()
        return (subject.key,)

    def closed_members(self, fan_out: Instance) -> tuple[ArtifactKey, ...]:
        """What is to be approved before it is known which members there are."""
        if not self._is_at_rest(fan_out):
            return self.before(fan_out)
        head = self._world.head(ArtifactKey(collection_type(fan_out.stage), fan_out.entity))
        return () if head is None else self.closed(fan_out, head.ref)

    def before_unknown(self, producer: str) -> Iterator[ArtifactKey]:
        """What may have to be approved before what a stage makes is read, while it is not known what that will be.

        What is still unknown when a run has begun would otherwise be waited for by work that is under way.
        """
        if self._recipe.has_gates:
            for stage_id in sorted({producer, *self._recipe.upstream(producer)}):
                if self._recipe.stages[stage_id].is_gate:
                    if stage_id not in self._closed_of:
                        self._closed_of[stage_id] = tuple(self._closed_anywhere(stage_id))
                    yield from self._closed_of[stage_id]

    def _closed_anywhere(self, stage_id: str) -> Iterator[ArtifactKey]:
        stage = self._recipe.stages[stage_id]
        known, waits = self._instances(stage_id)
        for instance in known:
            if not self._is_at_rest(instance):
                yield from self.before(instance)
                continue
            for head in self._own_heads(instance):
                yield from () if head is None else self.closed(instance, head.ref)
        if waits:
            yield from (ArtifactKey(name, ANY) for name in stage.ticket_types)
