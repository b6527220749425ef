"""The answer of `cineforge plan`, as data."""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterable, Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from cineforge.deciding.decide import Decision
from cineforge.deciding.dry_run.dry_run_planner import DryRunPlanner
from cineforge.deciding.dry_run.make_plan import make_plan
from cineforge.deciding.dry_run.pricing.forecast import Forecast, Range, Sample, forecasts, in_all
from cineforge.deciding.dry_run.pricing.sizes import size_read
from cineforge.deciding.dry_run.probe import Probe, no_probe
from cineforge.deciding.dry_run.stage_decisions import StageDecisions
from cineforge.deciding.planner import Planner, nothing_forced
from cineforge.model.names import collection_type
from cineforge.model.records.decision_record import DecisionRecord
from cineforge.model.records.plan_report import (
    PlanForecast,
    PlannedStage,
    PlanRange,
    PlanReport,
    TurningStale,
)
from cineforge.model.refs import ArtifactKey
from cineforge.store import layout
from cineforge.store.index.queries.dependents import MadeForAll

if TYPE_CHECKING:
    from cineforge.commands.shared.run_request import RunRequest
    from cineforge.deciding.facts.store_world import StoreWorld
    from cineforge.deciding.instance import Instance
    from cineforge.deciding.kept_before import KeptBefore
    from cineforge.model.records.decision_record import ReasonKind
    from cineforge.model.refs import ArtifactRef
    from cineforge.recipes.resolved import ResolvedRecipe, ResolvedStage
    from cineforge.store import ArtifactStore

NAMES = 20


def answer(
    recipe: ResolvedRecipe,
    store: ArtifactStore,
    world: StoreWorld,
    request: RunRequest,
    enabled: frozenset[ReasonKind],
    probe: Probe = no_probe,
    kept: KeptBefore | None = None,
    *,
    whole: bool = True,
) -> tuple[list[StageDecisions], PlanReport, DryRunPlanner]:
    """What a run on this request would do. Raises DecisionFailed, also for what such a run would refuse.

    Without `whole` the report does not name what is kept or only possible, which may be very much.
    """
    from cineforge.bridge.request.limits import read_limits, require_possible
    from cineforge.history.reading.members_again import further_calls

    limits = read_limits(recipe, request.until, request.omit_from)
    forced = request.is_forced if request.forces_any else nothing_forced
    asked = (recipe, world, forced, request.start_from, enabled)
    as_in_the_run = Planner(*asked, kept=kept)
    require_possible(as_in_the_run, request.asked, limits, request.forced_words, cores=4)
    planner = DryRunPlanner(*asked, probe, kept)
    plan = make_plan(planner, request.asked, limits)
    busy = [recipe.stages[each.stage] for each in plan if not each.is_up_to_date]
    samples, estimated = _priced(store, busy)
    size_of = functools.partial(size_read, planner)
    further = further_calls(store, recipe, plan, size_of) if busy else {}
    expected = forecasts(plan, samples, size_of, further, _paid_before(store, planner, plan))
    stages = tuple(
        _stage(each, planner, expected.get(each.stage), further.get(each.stage), whole=whole)
        for each in plan
    )
    turning = store.valid_heads_downstream(
        {key for each in plan for key in _changing(each, planner)},
        {
            key
            for each in plan
            for decision in (*each.each_at_work, *each.kept)
            for key in planner.output_keys(decision.instance)
        },
        [made for each in plan for made in _made_for_all(each, recipe)],
    )
    report = PlanReport(
        orphans=tuple(str(ref) for ref in _orphaned_by(planner.vanishing, store)),
        recipe=recipe.recipe_id,
        up_to_date=all(each.is_up_to_date for each in plan),
        at_least=sum(each.at_least for each in plan),
        at_most=None
        if any(each.waits_for for each in plan)
        else sum(each.at_most for each in plan),
        stages=stages,
        forecast=forecast_record(in_all(expected.values())),
        not_known=tuple(stage for stage, each in expected.items() if each.usd is None),
        estimated=tuple(stage.id for stage in estimated if not stage.module.pure),
        may_turn_stale=tuple(
            TurningStale(type=name, count=len(heads), heads=tuple(map(str, heads[:NAMES])))
            for name, group in groupby(turning, key=lambda ref: ref.artifact_type)
            for heads in [list(group)]
        ),
    )
    return plan, report, planner


def _priced(
    store: ArtifactStore, busy: list[ResolvedStage]
) -> tuple[dict[str, list[Sample]], list[ResolvedStage]]:
    """What calls of some stages cost before, and the stages of which that is an estimate alone."""
    if not busy:
        return {}, []
    from cineforge.history.reading.samples import estimate, find_samples, is_estimated

    samples = find_samples(store, busy)
    estimated = [stage for stage in busy if not samples[stage.id] and is_estimated(stage)]
    return {**samples, **{stage.id: [estimate(stage)] for stage in estimated}}, estimated


def _paid_before(
    store: ArtifactStore, planner: DryRunPlanner, plan: list[StageDecisions]
) -> dict[Instance, Sample]:
    if not (store.project / layout.REMEMBERED).is_dir():
        return {}
    from cineforge.commands.shared.planning.paid_before import paid_before

    return paid_before(store.project, planner, plan)


def _orphaned_by(gone: Collection[ArtifactKey], store: ArtifactStore) -> Iterator[ArtifactRef]:
    """What people made or hold of members that will be named no more, for these, or for what is nested in them."""
    for ref in store.held() if gone else ():
        made_for = store.metadata(ref).made_for
        about = (
            ref.key if made_for is None else ArtifactKey(made_for.artifact_type, made_for.entity_id)
        )
        nested_in = tuple(f"{each.entity_id}." for each in gone)
        if about in gone or (about.entity_id or "").startswith(nested_in):
            yield ref


def _changing(stage: StageDecisions, planner: DryRunPlanner) -> Iterator[ArtifactKey]:
    """What may have other content after the run; of what is adopted, just what will have."""
    for decision in stage.each_at_work:
        known = planner.changed.get(decision.instance)
        yield from planner.output_keys(decision.instance) if known is None else known


def _made_for_all(stage: StageDecisions, recipe: ResolvedRecipe) -> Iterator[MadeForAll]:
    """What is made for each member known today, where they were not looked at one by one."""
    entity_type = recipe.stages[stage.stage].for_each
    if stage.alike.count and entity_type is not None:
        collection = ArtifactKey(collection_type(recipe.domains[entity_type].stage))
        for name in recipe.stages[stage.stage].ticket_types:
            yield MadeForAll(collection, entity_type, name)


def forecast_record(found: Forecast) -> PlanForecast:
    """A forecast as it is reported."""

    def span(each: Range | None) -> PlanRange | None:
        if each is None:
            return None
        high = None if each.high is None else _rounded(each.high)
        likely = None if each.likely is None else _rounded(each.likely)
        return PlanRange(low=_rounded(each.low), likely=likely, high=high)

    return PlanForecast(
        usd=span(found.usd),
        seconds=span(found.seconds),
        adoption_saves_usd=found.adoption_saves_usd and _rounded(found.adoption_saves_usd),
        may_save_usd=found.may_save_usd and _rounded(found.may_save_usd),
        call_usd=span(found.call_usd),
        model_calls=span(found.model_calls),
        tokens=span(found.tokens),
        on_record=found.on_record,
        paid_before_usd=_rounded(found.paid_before_usd),
    )


def instance_record(decision: Decision, planner: DryRunPlanner) -> DecisionRecord:
    """A decision as it is reported."""
    return decision.record(adopts=planner.adopted.get(decision.instance, ()))


def _stage(
    stage: StageDecisions,
    planner: DryRunPlanner,
    expected: Forecast | None,
    further: float | None,
    *,
    whole: bool,
) -> PlannedStage:
    def records(decisions: Iterable[Decision]) -> tuple[DecisionRecord, ...]:
        return tuple(instance_record(each, planner) for each in decisions)

    return PlannedStage(
        stage=stage.stage,
        module=planner.recipe.stages[stage.stage].module.module_id,
        at_least=stage.at_least,
        at_most=None if stage.waits_for else stage.at_most,
        kept=len(stage.kept),
        build=records(stage.build),
        adopted=records(stage.adopted),
        unknown=records(stage.unknown),
        possible=records([*stage.possible, *stage.alike.tell()] if whole else ()),
        held=records(stage.held),
        as_is=records(stage.as_is),
        waiting=records(stage.waiting),
        keep=records(stage.kept if whole else ()),
        recalled=tuple(sorted(str(each) for each in stage.recalled)),
        waits_for=tuple(str(each) for each in stage.waits_for),
        further=None if further is None else round(further, 1),
        forecast=None if expected is None else forecast_record(expected),
    )


def _rounded(value: float) -> float:
    """Sums of floats without their dust."""
    return round(value, 6)
