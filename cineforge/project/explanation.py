"""Why a version is as it is: what the store knows of its causes, and what the planner would do."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from cineforge.model.errors import CineForgeError, StoreDamaged
from cineforge.model.health import ArtifactHealth, Assessment, HoldAction
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.project.results import KeptBy, Why, Would
from cineforge.store import ArtifactStore, Cause

if TYPE_CHECKING:
    from cineforge.deciding.decide import Decision
    from cineforge.deciding.dry_run.dry_run_planner import DryRunPlanner
    from cineforge.deciding.dry_run.pricing.forecast import Sample
    from cineforge.deciding.instance import Instance
    from cineforge.recipes.resolved import ResolvedRecipe


def explained(store: ArtifactStore, folder: Path, ref: ArtifactRef) -> Why:
    """All that is known of why a version is as it is."""
    row = store.heads_of([ref.key]).get(ref.key)
    vanished = row is not None and row.vanished
    is_head = row is not None and row.ref == ref
    is_valid = is_head and row is not None and row.health is ArtifactHealth.VALID and not vanished
    # Of a valid head there are none: what it was made from, thousands it may be, need not be gone through.
    causes = [] if is_valid else store.causes(ref)
    would: Would | None = None
    there: bool | None = None
    if is_head:
        # What is gone can be told of whatever may be wrong with the recipe.
        with suppress(*[CineForgeError] if vanished else []):
            would, there = what_a_run_would_do(store, folder, ref.key, is_there=not vanished)
    return Why(
        ref=ref,
        health=store.health(ref),
        causes=tuple(causes),
        held=held_on_every_way(store, causes),
        kept_by=_kept_by(store, ref) if row is not None and row.ref == ref and row.held else None,
        assessment=_assessment(store, ref),
        vanished=vanished,
        would=would,
        there_after_a_run=there,
    )


def held_on_every_way(store: ArtifactStore, causes: Sequence[Cause]) -> tuple[ArtifactKey, ...]:
    """The held heads that stand between a stale version and its causes; none when one cause meets none."""
    held: dict[ArtifactKey, None] = {}
    for cause in causes:
        rows = store.heads_of(step.key for step in cause.path[1:])
        on_the_way = [key for key, row in rows.items() if row.held]
        if not on_the_way:
            return ()
        held.update(dict.fromkeys(on_the_way))
    return tuple(held)


def what_a_run_would_do(
    store: ArtifactStore, folder: Path, key: ArtifactKey, *, is_there: bool
) -> tuple[Would | None, bool | None]:
    """Decision for the artifact's instance, and its price unless it is kept; and whether its entity is there then.

    No decision when no recipe makes it, or when it is gone.
    """
    from cineforge.deciding.dry_run.pricing.forecast import per_call
    from cineforge.deciding.instance import instance_of
    from cineforge.history.reading.samples import find_samples
    from cineforge.model.records.decision_record import Action
    from cineforge.project.opening import open_planner

    planner = open_planner(store, folder)
    instance = None if planner is None else instance_of(planner.recipe, *key)
    if planner is None or instance is None:
        return None, is_there
    decision = _certified(store, folder, planner, instance) if is_there else None
    if decision is None:
        if _stands_on_many(planner.recipe, instance):
            planner = open_planner(store, folder, for_many=True) or planner
        there = _will_be_there(planner, key, instance)
        if there is False or (there is None and not is_there):
            return None, there
        decision = planner.decision_ahead(instance)
    else:
        there = True
    samples: Sequence[Sample] = ()
    if (
        decision.action is not Action.KEEP
    ):  # what is kept has no price, and records of runs may be long
        samples = find_samples(store, [planner.recipe.stages[instance.stage]])[instance.stage]
    return Would(decision, planner.adopted.get(instance, ()), *per_call(samples)), there


def _will_be_there(planner: DryRunPlanner, key: ArtifactKey, instance: Instance) -> bool | None:
    """Whether a fan-out names the artifact's entity after a run; None while one that would tell has yet to run."""
    domain = planner.recipe.domains.get(key.artifact_type)
    if domain is not None and domain.stage == instance.stage and key.entity_id is not None:
        return planner.members.has(key.artifact_type, key.entity_id)
    entity_type = planner.recipe.stages[instance.stage].for_each
    if entity_type is None or instance.entity is None:
        return True
    return planner.members.has(entity_type, instance.entity)


def _certified(
    store: ArtifactStore, folder: Path, planner: DryRunPlanner, instance: Instance
) -> Decision | None:
    """The decision for what a certificate answers for: for what stands on many, as else all of these are decided first.

    None where there may be more to say of it than that it is kept.
    """
    from cineforge.deciding.decide import Decision
    from cineforge.model.records.decision_record import Action
    from cineforge.project.opening import is_certified

    if not _stands_on_many(planner.recipe, instance):
        return None
    heads = planner.own_heads(instance)
    known = [head for head in heads if head is not None]
    if not known or len(known) < len(heads) or len({head.fingerprint for head in known}) > 1:
        return None
    # An assessment may speak for what has changed.
    if any(store.health(head.ref) is not ArtifactHealth.VALID for head in known):
        return None
    if not is_certified(folder):
        return None
    planner.require_entity(instance)
    return Decision(instance, Action.KEEP, head=known[0].ref)


def _stands_on_many(recipe: ResolvedRecipe, instance: Instance) -> bool:
    """Whether what an instance reads, over any number of steps, is all of some type."""
    above = {instance.stage, *recipe.upstream(instance.stage)}
    return any(each.many for stage in above for each in recipe.stages[stage].inputs)


def _kept_by(store: ArtifactStore, head: ArtifactRef) -> KeptBy | None:
    """Who holds a held head; None when the record that tells is damaged."""
    try:
        hold = store.hold(head.key)
        if hold is not None and hold.action is HoldAction.HOLD:
            return KeptBy(hold.who, hold.why, made_it=False)
        made = store.metadata(head)
    except StoreDamaged:
        return None
    return KeptBy(made.producing_role or made.source.value, made.rationale, made_it=True)


def _assessment(store: ArtifactStore, ref: ArtifactRef) -> Assessment | None:
    try:
        return store.assessment(ref)
    except StoreDamaged:
        return None
