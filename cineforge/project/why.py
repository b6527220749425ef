"""Why a version is as it is: what the store knows of its causes, and what the planner would do."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cineforge.model.errors import StoreDamaged
from cineforge.model.health import Assessment
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.project.answers import Why
from cineforge.store import ArtifactStore, Cause

if TYPE_CHECKING:
    from cineforge.deciding.decide import Decision


def explained(store: ArtifactStore, folder: Path, ref: ArtifactRef) -> Why:
    """All that is known of why a version is as it is."""
    causes = store.causes(ref)
    return Why(
        ref=ref,
        health=store.health(ref),
        causes=tuple(causes),
        held=held_on_every_way(store, causes),
        assessment=_assessment(store, ref),
        decision=decision_for(store, folder, ref.key) if ref == store.head(ref.key) else None,
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


def decision_for(store: ArtifactStore, folder: Path, key: ArtifactKey) -> Decision | None:
    """What a run would decide for the artifact's instance; None when the project's recipe does not make it."""
    from cineforge.bridge.run_settings import instance_of
    from cineforge.project.opening import open_planner

    planner = open_planner(store, folder)
    instance = None if planner is None else instance_of(planner.recipe, *key)
    return None if planner is None or instance is None else planner.decision(instance)


def _assessment(store: ArtifactStore, ref: ArtifactRef) -> Assessment | None:
    try:
        return store.assessment(ref)
    except StoreDamaged:
        return None
