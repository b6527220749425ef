"""How many members a fan-out has made anew when it was called again: so many calls a plan expects downstream of one."""

from __future__ import annotations

from collections.abc import Iterable
from statistics import fmean

from cineforge.deciding.dry_run.stage_decisions import StageDecisions
from cineforge.deciding.instance import Instance
from cineforge.model.names import collection_type
from cineforge.model.own_payloads.collection import Outcome
from cineforge.model.refs import ArtifactKey
from cineforge.recipes.resolved import ResolvedRecipe
from cineforge.store import ArtifactStore, HeadRow

#: So many collections are looked at, those that were made most often first.
_LOOKED_AT = 24


def further_calls(
    store: ArtifactStore, recipe: ResolvedRecipe, plan: Iterable[StageDecisions]
) -> dict[str, float]:
    """By stage that waits for fan-outs: how many calls are likely for what these have yet to make, or make anew."""
    plan = list(plan)
    certain = {each.instance for stage in plan for each in stage.build}
    return {
        stage.stage: sum(
            (1.0 if each in certain else 0.5) * likely
            for each, likely in _members(store, recipe, stage)
        )
        for stage in plan
        if stage.waits_for and recipe.stages[stage.stage].for_each is not None
    }


def _members(
    store: ArtifactStore, recipe: ResolvedRecipe, stage: StageDecisions
) -> list[tuple[Instance, float]]:
    """Each fan-out that names the stage's entities and is waited for, with how many it is likely to make."""
    entity_type = recipe.stages[stage.stage].for_each
    assert entity_type is not None, "asked only of stages that work for each entity"
    fan_out = recipe.domains[entity_type].stage
    waiting = [each for each in stage.waits_for if each.stage == fan_out]
    named_by = collection_type(fan_out)
    rows = store.heads_of(store.list_artifacts(named_by)).values() if waiting else ()
    made, again = [], []
    for row in sorted(rows, key=lambda row: -row.ref.version)[:_LOOKED_AT]:
        collection = store.collection(row.ref.key)
        named = {} if collection is None else collection.members.get(entity_type, {})
        made.append(len(named))
        if row.ref.version > 1 and _is_new_work(store, row):
            again.append(sum(each.outcome is Outcome.NEW for each in named.values()))
    at_first = fmean(made) if made else 0.0
    # As long as none was called again, half of them may be others.
    anew = fmean(again) if again else at_first / 2
    known = {row.ref.key for row in rows}
    return [
        (each, anew if ArtifactKey(named_by, each.entity) in known else at_first)
        for each in waiting
    ]


def _is_new_work(store: ArtifactStore, row: HeadRow) -> bool:
    """Whether it was neither adopted nor forced: what these come to tells nothing of what an edit does."""
    if row.fingerprint is None:
        return False
    return store.made_by_the_same_work(row.ref.key, row.fingerprint) == [row.ref]
