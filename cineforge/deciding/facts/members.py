"""Which entities there are: the ids that the newest collections name, or the fan-outs that must run first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cineforge.deciding.facts.world import World
from cineforge.deciding.instance import Instance
from cineforge.model.names import collection_type, parent_of
from cineforge.model.refs import ArtifactKey
from cineforge.recipes.resolved import ResolvedRecipe


@dataclass(frozen=True)
class Members:
    """Sorted ids by the collection's entity (None: the project's), and the fan-outs that have yet to run."""

    by_scope: dict[str | None, tuple[str, ...]]
    waits_for: tuple[Instance, ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(sorted(member for ids in self.by_scope.values() for member in ids))


class MemberFinder:
    """Answers for one recipe. `is_settled` says whether a fan-out's newest collection is its head by now."""

    def __init__(
        self, recipe: ResolvedRecipe, world: World, is_settled: Callable[[Instance], bool]
    ) -> None:
        self._recipe = recipe
        self._world = world
        self._is_settled = is_settled

    def all_of(self, entity_type: str) -> Members:
        """Every member of an entity type of this recipe."""
        domain = self._recipe.domains[entity_type]
        if domain.parent is None:
            return self._of_collections(domain.stage, entity_type, (None,))
        parents = self.all_of(domain.parent)
        found = self._of_collections(domain.stage, entity_type, parents.ids)
        return Members(found.by_scope, parents.waits_for + found.waits_for)

    def instances(self, stage_id: str) -> tuple[list[Instance], tuple[Instance, ...]]:
        """All instances of a stage as far as they are known, and the fan-outs that must run to know the rest."""
        entity_type = self._recipe.stages[stage_id].for_each
        if entity_type is None:
            return [Instance(stage_id)], ()
        members = self.all_of(entity_type)
        return [Instance(stage_id, entity) for entity in members.ids], members.waits_for

    def under(self, entity_type: str, ancestor_type: str, ancestor: str) -> dict[str, Members]:
        """What is nested in one entity of an ancestor type: by entity type, from its children down to `entity_type`.

        The types in between matter too: a new child may well have no children of its own yet.
        """
        domain = self._recipe.domains[entity_type]
        if domain.parent == ancestor_type or domain.parent is None:
            return {entity_type: self._of_collections(domain.stage, entity_type, (ancestor,))}
        levels = self.under(domain.parent, ancestor_type, ancestor)
        parents = levels[domain.parent].ids
        return {**levels, entity_type: self._of_collections(domain.stage, entity_type, parents)}

    def has(self, entity_type: str, entity: str) -> bool | None:
        """Is this one a member now? None while a fan-out that would tell has yet to run. Costs one collection."""
        domain = self._recipe.domains[entity_type]
        scope = parent_of(entity) if domain.parent is not None else None
        if domain.parent is not None:
            if scope is None:
                return False
            outer = self.has(domain.parent, scope)
            if not outer:
                return outer
        if not self._is_settled(Instance(domain.stage, scope)):
            return None
        collection = self._world.collection(ArtifactKey(collection_type(domain.stage), scope))
        return collection is not None and entity in collection.members.get(entity_type, {})

    def fan_out_of(self, entity_type: str, entity: str) -> Instance:
        """The fan-out instance that names this entity."""
        domain = self._recipe.domains[entity_type]
        return Instance(domain.stage, parent_of(entity) if domain.parent is not None else None)

    def _of_collections(
        self, stage: str, entity_type: str, scopes: tuple[str | None, ...] | tuple[str, ...]
    ) -> Members:
        by_scope: dict[str | None, tuple[str, ...]] = {}
        waits: list[Instance] = []
        for scope in scopes:
            fan_out = Instance(stage, scope)
            if not self._is_settled(fan_out):
                waits.append(fan_out)
                continue
            collection = self._world.collection(ArtifactKey(collection_type(stage), scope))
            by_scope[scope] = collection.ids(entity_type) if collection else ()
        return Members(by_scope, tuple(waits))
