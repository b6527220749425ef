"""What a run would do, as `cineforge plan --json` says it."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from cineforge.model.refs import Strict

Count = Annotated[int, Field(ge=0)]


class PlanReason(Strict):
    """One reason; what does not apply to its kind is left out."""

    kind: str
    names: tuple[str, ...] = ()
    role: str = ""
    before: str = ""
    after: str = ""
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    @model_serializer(mode="wrap")
    def _without_empty(self, serialized: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {name: value for name, value in serialized(self).items() if value}


class PlannedInstance(Strict):
    """One decision. `pending` must run before all is known; `adopts` are the older versions that will be taken."""

    instance: str
    reasons: tuple[PlanReason, ...] = ()
    pending: tuple[str, ...] = ()
    head: str | None = None
    adopts: tuple[str, ...] = ()


class PlanRange(Strict):
    low: float
    likely: float
    high: float


class PlanForecast(Strict):
    """US dollars, and seconds of jobs one after the other; null where nothing is on record.

    `adoption_saves_usd` is what taking older versions saves, `may_save_usd` what is saved if no call that is only
    possible turns out to be needed.
    """

    usd: PlanRange | None
    seconds: PlanRange | None
    adoption_saves_usd: float | None
    may_save_usd: float | None


class PlannedStage(Strict):
    """The decisions of one stage, and its module calls at the least and at the most.

    While `waits_for` is not empty there may also be members that nobody knows today: `possible` and `at_most`
    are of those that there are. `recalled` names those of `build` that may turn out to have been done before, and
    then call no module. `kept` counts `keep`.
    """

    stage: str
    module: str
    at_least: Count
    at_most: Count
    kept: Count
    build: tuple[PlannedInstance, ...]
    adopted: tuple[PlannedInstance, ...]
    unknown: tuple[PlannedInstance, ...]
    possible: tuple[PlannedInstance, ...]
    held: tuple[PlannedInstance, ...]
    as_is: tuple[PlannedInstance, ...]
    keep: tuple[PlannedInstance, ...]
    recalled: tuple[str, ...]
    waits_for: tuple[str, ...]
    forecast: PlanForecast | None


class StaleBelow(Strict):
    """Heads of one type that are valid now and stand on what the run makes anew, but are not made anew by it."""

    type: str
    count: Count
    heads: tuple[str, ...]


class PlanReport(Strict):
    """Stages in topological order, those left out that the run has nothing to do with."""

    recipe: str
    up_to_date: bool
    at_least: Count
    at_most: Count
    stages: tuple[PlannedStage, ...]
    forecast: PlanForecast
    not_known: tuple[str, ...]
    may_turn_stale: tuple[StaleBelow, ...]
