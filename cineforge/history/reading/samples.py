"""What calls of a stage's module cost and took, from a bounded number of the versions it made.

The cost stands in the sealed record of a version; the time in the record of the run that made it, if that is
still there. What is read does not grow with the number of runs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import fsum
from pathlib import Path

from cineforge.deciding.dry_run.forecast import Sample
from cineforge.history.run_files import read_state, runs_folder
from cineforge.model.errors import StoreDamaged
from cineforge.model.metadata import ArtifactMetadata
from cineforge.recipes.resolved import ResolvedStage
from cineforge.store import ArtifactStore

ARTIFACTS_PER_STAGE = 24
VERSIONS_PER_ARTIFACT = 4
RUNS = 12


@dataclass(frozen=True)
class _Made:
    stage: str
    entity: str | None
    run_id: str | None
    usd: float


def find_samples(store: ArtifactStore, stages: Iterable[ResolvedStage]) -> dict[str, list[Sample]]:
    """By stage; an empty list for one whose module has made nothing yet."""
    made = {stage.id: list(_made(store, stage)) for stage in stages}
    runs = Counter(each.run_id for found in made.values() for each in found if each.run_id)
    seconds: dict[tuple[str, str, str | None], float] = {}
    for run_id, _ in runs.most_common(RUNS):
        seconds.update(_seconds(runs_folder(store.project), run_id))
    return {
        stage: [
            Sample(each.usd, seconds.get((each.run_id or "", stage, each.entity))) for each in found
        ]
        for stage, found in made.items()
    }


def is_estimated(stage: ResolvedStage) -> bool:
    """Whether anything is known of a call of which none is on record."""
    return stage.module.estimated_usd is not None or stage.module.estimated_seconds is not None


def estimate(stage: ResolvedStage) -> Sample:
    """What a stage's module says of itself; a pure one costs nothing."""
    return Sample(stage.module.estimated_usd, stage.module.estimated_seconds)


def _made(store: ArtifactStore, stage: ResolvedStage) -> Iterator[_Made]:
    """Versions from all over the stage's members, so that long and short scenes both count."""
    keys = store.list_artifacts(stage.ticket_types[0])
    step = max(1, -(-len(keys) // ARTIFACTS_PER_STAGE))
    chosen = keys[::step]
    depth = max(VERSIONS_PER_ARTIFACT, ARTIFACTS_PER_STAGE // max(1, len(chosen)))
    for key in chosen:
        for ref in store.list_versions(*key)[: -depth - 1 : -1]:
            try:
                record = store.metadata(ref)
            except StoreDamaged:
                continue
            if _was_called_for(record, stage.module.module_id):
                cost = fsum(call.estimated_cost_usd for call in record.cost)
                yield _Made(stage.id, key.entity_id, record.run_id, cost)


def _was_called_for(record: ArtifactMetadata, module_id: str) -> bool:
    """A module call made it. An adopted version repeats an earlier one and cost nothing: it tells nothing."""
    repeats = record.reproduces is not None and not record.cost
    return record.producing_module == module_id and not repeats


def _seconds(folder: Path, run_id: str) -> dict[tuple[str, str, str | None], float]:
    try:
        state = read_state(folder / run_id)
    except StoreDamaged:
        return {}
    return {
        (run_id, stage.stage, each.entity): each.seconds
        for stage in state.stages
        for each in stage.instances
        if each.attempts and not each.probed
    }
