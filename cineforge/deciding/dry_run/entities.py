"""The members known today, also of fan-outs that are to run again: what may be there tomorrow as well."""

from __future__ import annotations

from cineforge.deciding.facts.members import MemberFinder
from cineforge.deciding.instance import Instance
from cineforge.deciding.planner import Planner
from cineforge.recipes.resolved import ResolvedRecipe


def naming_stages(recipe: ResolvedRecipe, entity_type: str | None) -> set[str]:
    """The fan-out stages that name the entities of a type, and those that these are nested in."""
    naming: set[str] = set()
    while entity_type is not None:
        domain = recipe.domains[entity_type]
        naming.add(domain.stage)
        entity_type = domain.parent
    return naming


class EntitiesNow:
    """Every answer is looked up once."""

    def __init__(self, planner: Planner) -> None:
        self._planner = planner
        self._finder = MemberFinder(planner.recipe, planner.world, lambda _instance: True)
        self._today: dict[str, tuple[str, ...]] = {}

    def has(self, entity_type: str, entity: str) -> bool | None:
        return self._planner.members.has(entity_type, entity)

    def today(self, entity_type: str) -> tuple[str, ...]:
        found = self._today.get(entity_type)
        if found is None:
            found = self._today[entity_type] = self._finder.all_of(entity_type).ids
        return found

    def is_open(self, entity_type: str) -> bool:
        return bool(self._planner.members.all_of(entity_type).waits_for)

    def nested(
        self, entity_type: str, ancestor_type: str, ancestor: str
    ) -> dict[str, tuple[str, ...]]:
        """The members nested in one entity, by type from its children down to `entity_type`."""
        levels = self._finder.under(entity_type, ancestor_type, ancestor)
        return {name: members.ids for name, members in levels.items()}

    def fan_outs(self, entity_type: str) -> set[Instance]:
        """The fan-outs that name the members of a type and of all that it is nested in, as far as known today."""
        domain = self._planner.recipe.domains[entity_type]
        if domain.parent is None:
            return {Instance(domain.stage)}
        own = {Instance(domain.stage, parent) for parent in self.today(domain.parent)}
        return own | self.fan_outs(domain.parent)
