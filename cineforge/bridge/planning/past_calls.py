"""What the calls of a stage's module took and cost before, cheaply: by the sums of the run that made its heads."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from cineforge.bridge.planning.batches import PastCalls
from cineforge.history.reading.samples import estimate
from cineforge.history.run_files import runs_folder
from cineforge.history.state_file import read_head, read_stages
from cineforge.model.errors import StoreDamaged
from cineforge.model.records.run_state import InstanceState
from cineforge.model.refs import ArtifactKey
from cineforge.recipes.resolved import ResolvedStage
from cineforge.store import ArtifactStore

#: So many of the instances to be done are looked at for the newest run that made some of them.
_LOOKED_AT = 50


def past_calls(
    store: ArtifactStore, stage: ResolvedStage, keys: Iterable[ArtifactKey]
) -> PastCalls:
    """Of the newest run that made some of these artifacts; else what the module says of itself."""
    some = list(keys)[:_LOOKED_AT]
    runs = {row.run_id for row in store.heads_of(some).values() if row.run_id and row.fingerprint}
    newest = _newest(runs_folder(store.project), runs)
    if newest is not None:
        try:
            state = read_stages(newest)
        except (StoreDamaged, OSError):
            return _said(stage)
        for record in state.stages:
            done = record.totals.instances.get(InstanceState.DONE, 0)
            if record.stage == stage.id and done:
                return PastCalls(record.totals.seconds / done, record.totals.cost_usd > 0)
    return _said(stage)


def _newest(folder: Path, runs: Iterable[str]) -> Path | None:
    """The run that began last: people name runs as they like."""
    began: dict[Path, datetime] = {}
    for run_id in runs:
        with suppress(StoreDamaged, OSError):
            began[folder / run_id] = read_head(folder / run_id).started_at
    return max(began, key=lambda each: began[each], default=None)


def _said(stage: ResolvedStage) -> PastCalls:
    said = estimate(stage)
    return PastCalls(said.seconds, bool(said.usd))
