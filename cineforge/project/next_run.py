"""What the next run of all that a project lists would do, by the very plan that `cineforge plan` makes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cineforge.model.errors import CineForgeError
from cineforge.model.refs import ArtifactRef
from cineforge.project.opening import is_certified, open_planner
from cineforge.store import ArtifactStore
from cineforge.store.layout import require_own_folders

if TYPE_CHECKING:
    from collections.abc import Callable

    from cineforge.deciding.dry_run.fates import Fate
    from cineforge.deciding.dry_run.probe import Probe
    from cineforge.deciding.facts.source_files import SourceFiles
    from cineforge.deciding.instance import Instance
    from cineforge.model.records.decision_record import DecisionRecord


@dataclass(frozen=True)
class NextRun:
    """A run would or may do so many as `count`, and `at_work` is all of it, or without what waits for what is not
    known yet, if that may be left out. Nothing upstream brought about what is decided in `starts`.

    `waiting` are the decisions for what waits until somebody approves what it reads.

    `fates` tells of each stale head what becomes of it. `trouble` says why nothing of this can be told.
    """

    at_work: tuple[Instance, ...] = ()
    count: int = 0
    starts: tuple[DecisionRecord, ...] = ()
    waiting: tuple[DecisionRecord, ...] = ()
    is_open: bool = False
    fates: dict[ArtifactRef, Fate] | None = None
    trouble: str = ""

    @property
    def up_to_date(self) -> bool:
        """As `cineforge plan` would say it."""
        return not (self.count or self.waiting or self.is_open or self.trouble)


def next_run(
    store: ArtifactStore,
    folder: Path,
    probe_with: Callable[[SourceFiles], Probe] | None = None,
    *,
    any_stale: bool,
    whole: bool = True,
) -> NextRun | None:
    """What a run of all would do, and what becomes of stale heads. None where the project lists no recipe.

    Without `whole` it is not named what waits alike for what is not known yet, which may be very much.

    What is wrong with its files is told as trouble. Where nothing was found to be stale a certificate answers for the
    plan; else what others have done to the folders is registered first.
    """
    try:
        require_own_folders(folder)  # a plan keeps what pure modules make
        if not any_stale and is_certified(folder):
            return NextRun(fates={})
        return _planned(store, folder, probe_with, whole=whole)
    except CineForgeError as error:
        return NextRun(trouble=str(error))


def _planned(
    store: ArtifactStore,
    folder: Path,
    probe_with: Callable[[SourceFiles], Probe] | None,
    *,
    whole: bool,
) -> NextRun | None:
    from cineforge.deciding.dry_run.fates import Fates
    from cineforge.deciding.dry_run.make_plan import make_plan
    from cineforge.deciding.selection import everything
    from cineforge.model.records.decision_record import ReasonKind

    brought_about = {ReasonKind.UPSTREAM, ReasonKind.MEMBERS}
    store.require_all_known()
    planner = open_planner(store, folder, probe_with, for_many=True)
    if planner is None:
        return None
    plan = make_plan(planner, everything(planner.recipe))
    fates = Fates(planner, plan)
    at_work = [
        decision for stage in plan for decision in (stage.at_work if whole else stage.each_at_work)
    ]
    return NextRun(
        at_work=tuple(decision.instance for decision in at_work),
        count=sum(len(stage.each_at_work) + stage.alike.count for stage in plan),
        starts=tuple(
            decision.record()
            for decision in at_work
            if any(reason.kind not in brought_about for reason in decision.reasons)
        ),
        waiting=tuple(decision.record() for stage in plan for decision in stage.waiting),
        is_open=any(stage.waits_for for stage in plan),
        fates={ref: fates.fate(ref.key) for ref in store.stale()},
    )
