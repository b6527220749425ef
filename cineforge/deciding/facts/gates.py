"""Stages whose work somebody has to approve before it is read."""

from __future__ import annotations

from collections.abc import Callable

from cineforge.deciding.facts.world import World
from cineforge.deciding.instance import Instance
from cineforge.model.names import collection_type
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.recipes.resolved import ResolvedRecipe


class Gates:
    """Which gates are closed for one planner. What was open once stays so: nothing that has begun is called back.

    `is_at_rest` tells whether a run leaves an instance as it is; `waits` what it is itself waiting for.
    """

    def __init__(
        self,
        recipe: ResolvedRecipe,
        world: World,
        is_at_rest: Callable[[Instance], bool],
        waits: Callable[[Instance], tuple[ArtifactKey, ...]],
    ) -> None:
        self._recipe = recipe
        self._world = world
        self._is_at_rest = is_at_rest
        self._waits = waits
        self._open: set[ArtifactRef] = set()

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
        if subject is None or subject in self._open:
            return ()
        if not self._world.is_approved(subject):
            return (subject.key,)
        self._open.add(subject)
        return ()

    def closed_members(self, fan_out: Instance) -> tuple[ArtifactKey, ...]:
        """What is to be approved before it is known which members there are."""
        if not self._is_at_rest(fan_out):
            return self.before(fan_out)
        head = self._world.head(ArtifactKey(collection_type(fan_out.stage), fan_out.entity))
        return () if head is None else self.closed(fan_out, head.ref)
