"""What a run would make of the artifacts that are there: which get other content, and which come out as they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from cineforge.deciding.dry_run.dry_run_planner import DryRunPlanner
from cineforge.deciding.dry_run.stage_decisions import StageDecisions
from cineforge.deciding.instance import Instance, instance_of
from cineforge.model.refs import ArtifactKey


class Fate(StrEnum):
    """What becomes of an artifact in the next run of all recipes."""

    REBUILD = "rebuild"  # it is made anew
    KEEP = "keep"  # what it is made from comes out with the content that it read
    UNKNOWN = "unknown"  # that is known only when something that costs has run
    HELD = "held"  # a person keeps it as it is
    NOT_MADE = "not made"  # by no recipe of the project


class Fates:
    """The fates by one plan of everything. Pure."""

    def __init__(self, planner: DryRunPlanner, plan: Iterable[StageDecisions]) -> None:
        self._planner = planner
        self._fates: Mapping[Instance, Fate] = {
            decision.instance: fate
            for stage in plan
            for fate, decisions in (
                (Fate.UNKNOWN, (*stage.unknown, *stage.possible)),
                (Fate.HELD, (*stage.held, *stage.as_is)),
                (Fate.KEEP, stage.kept),
                (Fate.REBUILD, (*stage.build, *stage.adopted)),
            )
            for decision in decisions
        }

    def fate(self, key: ArtifactKey) -> Fate:
        """What becomes of an artifact."""
        instance = instance_of(self._planner.recipe, *key)
        if instance is None:
            return Fate.NOT_MADE
        found = self._fates.get(instance, Fate.UNKNOWN)
        if found is not Fate.REBUILD:
            return found
        changed = self._planner.changed.get(instance)
        if changed is not None:
            return Fate.REBUILD if key in changed else Fate.KEEP
        # Which of its members a fan-out makes anew is known when it has run.
        is_fan_out = self._planner.recipe.stages[instance.stage].is_fan_out
        return Fate.UNKNOWN if is_fan_out else Fate.REBUILD
