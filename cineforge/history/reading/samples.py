"""What instances of a stage cost and took, from a bounded number of the versions it made and of the newest runs.

What a version cost stands in its sealed record; the time, and what failed attempts had cost, in the record of the run
that made it, if that is still there. What failed for good stands in the records of runs alone.
"""

from __future__ import annotations

import heapq
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Set
from contextlib import suppress
from dataclasses import dataclass
from math import fsum
from pathlib import Path

from cineforge.deciding.dry_run.pricing.forecast import Sample
from cineforge.deciding.facts.adoption import cost_before_adoption
from cineforge.history.run_files import runs_folder
from cineforge.history.state_file import read_some
from cineforge.model.errors import StoreDamaged
from cineforge.model.metadata import EDITED_FROM, ArtifactMetadata
from cineforge.model.records.run_state import InstanceRecord, InstanceState
from cineforge.recipes.resolved import ResolvedStage
from cineforge.store import ArtifactStore
from cineforge.store.layout import payload_size, version_dir

ARTIFACTS_PER_STAGE = 24
VERSIONS_PER_ARTIFACT = 4
RUNS = 12
#: So many runs are looked at for what failed, whether they made anything or not.
NEWEST_RUNS = 6
#: What reads more artifacts than this is not measured.
_INPUTS = 500

#: Run, stage and entity.
_Place = tuple[str, str, str | None]


@dataclass(frozen=True)
class _Made:
    """What a version's sealed record tells of the call that made it."""

    place: _Place
    sample: Sample


def find_samples(store: ArtifactStore, stages: Iterable[ResolvedStage]) -> dict[str, list[Sample]]:
    """By stage; an empty list for one of whose module no call is on record."""
    stages = list(stages)
    made = {stage.id: list(_made(store, stage)) for stage in stages}
    runs = Counter(each.place[0] for found in made.values() for each in found if each.place[0])
    folder = runs_folder(store.project)
    chosen = dict.fromkeys([*(name for name, _ in runs.most_common(RUNS)), *_newest(folder)])
    modules = {stage.id: stage.module.module_id for stage in stages}
    records: dict[_Place, InstanceRecord] = {}
    places = {each.place for found in made.values() for each in found}
    for run_id in chosen:
        records.update(_instances(folder, run_id, modules, places))
    found = {}
    for stage in stages:
        jobs = [(each.sample, records.get(each.place)) for each in made[stage.id]]
        # Who took over what a plan had made was quicker than a call is; better that than nothing.
        called = any(run is not None and not run.probed for _, run in jobs)
        found[stage.id] = [
            *(_with_attempts(sample, run, timed=not called) for sample, run in jobs),
            *_failed(records, stage.id),
        ]
    return found


def _with_attempts(sealed: Sample, run: InstanceRecord | None, *, timed: bool) -> Sample:
    """What an instance took in all, be it that only its last attempt made something.

    `timed`: the time counts also where the module was called before, for a plan.
    """
    if run is None:
        return sealed
    more = run.calls / sealed.calls if sealed.calls and run.calls > sealed.calls else 1.0
    return Sample(
        # What was paid in an earlier run, and given back in this one, stands in the version alone.
        usd=max(sealed.usd or 0.0, run.cost_usd),
        seconds=run.seconds if timed or not run.probed else None,
        calls=(sealed.calls or 0.0) * more,
        tokens=(sealed.tokens or 0.0) * more,
        size=sealed.size,
    )


def _failed(records: dict[_Place, InstanceRecord], stage: str) -> list[Sample]:
    """What was paid for nothing. A failure that cost nothing tells nothing of the price."""
    found = [
        Sample(run.cost_usd, run.seconds, run.calls)
        for (_, name, _), run in records.items()
        if name == stage and run.state is InstanceState.FAILED and run.cost_usd
    ]
    return found[-ARTIFACTS_PER_STAGE:]


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
                record = store.metadata_in_brief(ref, _INPUTS)
            except StoreDamaged:
                continue
            if _was_called_for(store, record, stage.module.module_id):
                yield _Made((record.run_id or "", stage.id, key.entity_id), _sealed(store, record))


def _sealed(store: ArtifactStore, record: ArtifactMetadata) -> Sample:
    calls = record.cost
    return Sample(
        usd=fsum(call.estimated_cost_usd for call in calls),
        seconds=None,
        calls=len(calls),
        tokens=sum(call.input_tokens + call.output_tokens for call in calls),
        size=size_read_by(store, record),
    )


def size_read_by(store: ArtifactStore, record: ArtifactMetadata) -> float | None:
    """The bytes of the payloads that a version was made from. None when one of them is not there any more."""
    parents = [each.ref for each in record.lineage if each.role != EDITED_FROM]
    if not parents or len(parents) > _INPUTS:
        return None
    sizes = [payload_size(version_dir(store.project, ref)) for ref in parents]
    return None if None in sizes else sum(size or 0 for size in sizes)


def _was_called_for(store: ArtifactStore, record: ArtifactMetadata, module_id: str) -> bool:
    """A module call made it. An adopted version repeats an earlier one and cost nothing: it tells nothing."""
    if record.producing_module != module_id:
        return False
    repeats = record.reproduces is not None and not record.cost
    return not repeats and not cost_before_adoption(store, record)


def _newest(folder: Path) -> list[str]:
    """The runs that something was last written of."""
    with suppress(OSError), os.scandir(folder) as entries:
        times = ((each.stat(follow_symlinks=False).st_mtime, each.name) for each in entries)
        return [name for _, name in heapq.nlargest(NEWEST_RUNS, times)]
    return []


def _instances(
    folder: Path, run_id: str, modules: dict[str, str], places: Set[_Place]
) -> Iterator[tuple[_Place, InstanceRecord]]:
    """What a run records of jobs at some places, and of all that failed, as far as the same modules did them."""
    entities = {entity for run, _, entity in places if run == run_id}
    try:
        state = read_some(folder / run_id, entities, InstanceState.FAILED)
    except StoreDamaged:
        return
    for stage in state.stages:
        if modules.get(stage.stage) == stage.module_id:
            for each in stage.instances:
                if each.attempts:
                    yield (run_id, stage.stage, each.entity), each
