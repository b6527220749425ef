"""What a run would do, as `cineforge plan --json` says it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from cineforge.model.records.decision_record import DecisionRecord
from cineforge.model.refs import Strict

Count = Annotated[int, Field(ge=0)]


class PlanRange(Strict):
    """`high` is null where nobody knows how many calls there may be, and `likely` where nobody can even guess it.

    In a sum, such a stage counts with what is certain.
    """

    low: float
    likely: float | None
    high: float | None


class PlanForecast(Strict):
    """US dollars, and seconds of jobs one after the other; null where nothing is on record.

    `adoption_saves_usd` is what taking older versions saves, `may_save_usd` what is saved if no call that is only
    possible turns out to be needed. `call_usd` is what one call costs; null in the sum of all stages. Nine times of ten
    it comes to something between `low` and `high`. `model_calls` and `tokens` are of models; `on_record` counts the
    instances that this is known from, failed ones included: an estimate counts as none. `paid_before_usd` was paid by
    an earlier try at the same work and is given back: what is likely is without it.
    """

    usd: PlanRange | None
    seconds: PlanRange | None
    adoption_saves_usd: float | None
    may_save_usd: float | None
    call_usd: PlanRange | None = None
    model_calls: PlanRange | None = None
    tokens: PlanRange | None = None
    on_record: Count = 0
    paid_before_usd: float = 0.0


class PlannedStage(Strict):
    """The decisions of one stage, and its module calls at the least and at the most.

    While `waits_for` is not empty there may also be members that nobody knows today: then `at_most` is null, and
    `possible` are of those that there are. `recalled` names those of `build` that may turn out to have been done
    before, and then call no module. `kept` counts `keep`; `waiting` waits until somebody approves what it reads.
    `further` is how many calls are likely of members that nobody knows: by what the same fan-outs made before, or by
    their modules' estimate; null where there is neither.
    """

    stage: str
    module: str
    at_least: Count
    at_most: Count | None
    kept: Count
    build: tuple[DecisionRecord, ...]
    adopted: tuple[DecisionRecord, ...]
    unknown: tuple[DecisionRecord, ...]
    possible: tuple[DecisionRecord, ...]
    held: tuple[DecisionRecord, ...]
    as_is: tuple[DecisionRecord, ...]
    keep: tuple[DecisionRecord, ...]
    waiting: tuple[DecisionRecord, ...] = ()
    recalled: tuple[str, ...]
    waits_for: tuple[str, ...]
    further: float | None = None
    forecast: PlanForecast | None


class TurningStale(Strict):
    """Heads of one type that are valid now and stand on what the run makes anew, but are not made anew by it."""

    type: str
    count: Count
    heads: tuple[str, ...]


class PlanReport(Strict):
    """Stages in topological order, those left out that the run has nothing to do with.

    `at_most` is null when that of any stage is. `estimated` names the stages whose price is not of calls on record but
    what their modules' manifests say. `first` is what other recipes would make anew of what a recipe reads that runs
    alone: it is not up to date then, whatever its own stages have to do. `orphans` are versions that people made, or
    hold, for what will be there no more.
    """

    recipe: str
    up_to_date: bool
    at_least: Count
    at_most: Count | None
    stages: tuple[PlannedStage, ...]
    forecast: PlanForecast
    not_known: tuple[str, ...]
    estimated: tuple[str, ...] = ()
    first: tuple[DecisionRecord, ...] = ()
    may_turn_stale: tuple[TurningStale, ...]
    orphans: tuple[str, ...] = ()
