"""What a run would do: the decisions for its targets and for all they wait for, by stage."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from cineforge.deciding.decide import Action, Decision
from cineforge.deciding.instance import Instance
from cineforge.deciding.planner import Planner
from cineforge.model.names import collection_type, parent_of
from cineforge.model.refs import ArtifactKey


@dataclass
class StageOutlook:
    """The decisions of one stage.

    While fan-outs in `waits_for` have yet to run, it is not known which instances there will be; `today` counts
    those of the members known today, which may or may not turn out to have work.
    """

    stage: str
    build: list[Decision] = field(default_factory=list)
    unknown: list[Decision] = field(default_factory=list)
    held: list[Decision] = field(default_factory=list)
    kept: int = 0
    waits_for: tuple[Instance, ...] = ()
    today: int = 0

    @property
    def at_least(self) -> int:
        """Module calls that are certain."""
        return len(self.build)

    @property
    def at_most(self) -> int:
        """Module calls that there can be, with the members known today."""
        return len(self.build) + len(self.unknown) + self.today

    @property
    def is_up_to_date(self) -> bool:
        return not self.at_most and not self.waits_for


def outlook(
    planner: Planner, stages: Iterable[str], instances: Iterable[Instance]
) -> list[StageOutlook]:
    """What a run on whole stages and single instances would do, in topological order. Raises DecisionFailed."""
    found = {stage: StageOutlook(stage) for stage in planner.recipe.stages}
    pending = list(instances)
    for stage in stages:
        known, waits = planner.instances(stage)
        pending += [*waits, *known]
        if waits:
            found[stage].waits_for = waits
            found[stage].today = _known_today(planner, stage, waits)
    seen: set[Instance] = set()
    while pending:
        instance = pending.pop()
        if instance in seen:
            continue
        seen.add(instance)
        decision = planner.decision(instance)
        _place(found[instance.stage], decision)
        if decision.action is not Action.KEEP:
            pending += decision.pending
    for each in found.values():
        for decisions in (each.build, each.unknown, each.held):
            decisions.sort(key=lambda decision: str(decision.instance))
    return [each for each in found.values() if not _is_empty(each)]


def _place(stage: StageOutlook, decision: Decision) -> None:
    if decision.action is Action.BUILD:
        stage.build.append(decision)
    elif decision.action is Action.UNKNOWN:
        stage.unknown.append(decision)
    elif decision.held or decision.is_told:
        stage.held.append(decision)
    else:
        stage.kept += 1


def _is_empty(stage: StageOutlook) -> bool:
    return stage.is_up_to_date and not stage.held and not stage.kept


def _known_today(planner: Planner, stage_id: str, waits: tuple[Instance, ...]) -> int:
    """How many instances the present collections of fan-outs that are to run again would give a stage."""
    entity_type = planner.recipe.stages[stage_id].for_each
    assert entity_type is not None, "only a for_each stage waits for members"
    domain = planner.recipe.domains[entity_type]
    count = 0
    for fan_out in waits:
        if fan_out.stage == domain.stage:
            keys = [ArtifactKey(collection_type(domain.stage), fan_out.entity)]
        else:
            # An outer fan-out has yet to run: whatever hangs under its present members may come again.
            keys = [
                key
                for key in planner.world.collections(domain.stage)
                if fan_out.entity is None or _is_under(key.entity_id, fan_out.entity)
            ]
        for key in keys:
            collection = planner.world.collection(key)
            count += len(collection.ids(entity_type)) if collection else 0
    return count


def _is_under(entity: str | None, ancestor: str) -> bool:
    while entity is not None and entity != ancestor:
        entity = parent_of(entity)
    return entity is not None
