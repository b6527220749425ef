"""Where Snakemake would silently do something else than it is asked for: limits of a run, and what is forced."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from cineforge.bridge.paths import current_path
from cineforge.bridge.request.native_targets import key_of, meaning
from cineforge.deciding.dry_run.make_plan import make_plan
from cineforge.deciding.dry_run.stage_decisions import Limits, StageDecisions
from cineforge.deciding.instance import Instance
from cineforge.deciding.planner import Planner
from cineforge.deciding.selection import Selection, everything
from cineforge.model.errors import DecisionFailed, suggestion
from cineforge.recipes.resolved import ResolvedRecipe
from cineforge.store import layout

SHOWN = 20


def read_limits(
    recipe: ResolvedRecipe, until: Iterable[str], omit_from: Iterable[str]
) -> Limits | None:
    """The limits of a command, None without any. Raises DecisionFailed for those that Snakemake would get wrong."""
    until, omit_from = sorted(until), sorted(omit_from)
    if not until and not omit_from:
        return None
    for name in omit_from:
        _require_stage(recipe, name)
    _require_apart(recipe, until)
    # `all_<stage>` and paths become targets of their own: nothing has to be known of their jobs beforehand.
    own_targets = bool(set(until) - set(recipe.stages))
    return Limits(
        frozenset(name for name in until if name in recipe.stages),
        meaning(set(until) - set(recipe.stages), recipe) if own_targets else None,
        frozenset(name for name in omit_from if name in recipe.stages),
    )


def _require_stage(recipe: ResolvedRecipe, name: str) -> None:
    """Snakemake leaves out jobs, not targets: what is no job of the run is ignored without a word."""
    if name in recipe.stages or name.startswith(f"{layout.ARTIFACTS}/"):
        return
    stage = name.removeprefix("all_")
    if name.startswith(f"{layout.CURRENT}/"):
        stage = recipe.makers.get(name.split("/")[1], "")
    if stage in recipe.stages:
        raise DecisionFailed(
            f"--omit-from {name} names a target, and would leave out nothing of what makes it:"
            f" name the stage, --omit-from {stage}"
        )
    raise DecisionFailed(
        f"--omit-from {name}: there is no such stage; {suggestion(name, list(recipe.stages))}"
    )


def _require_apart(recipe: ResolvedRecipe, until: list[str]) -> None:
    """Snakemake runs nothing beyond a job named by `--until`, so one must not need another."""
    for name in until:
        for other in until:
            for stage in meaning([other], recipe).touched:
                if name in recipe.upstream(stage):
                    raise DecisionFailed(
                        f"--until {name} {other}: {stage} needs {name} anyway, and Snakemake would stop"
                        f" before {other}: leave out {name}"
                    )


def require_possible(
    planner: Planner,
    asked: Selection,
    limits: Limits | None,
    forced: Mapping[str, Selection],
    cores: int,
) -> None:
    """Refuse what Snakemake would pass over in silence. `forced` are the words of `--forcerun` and what they mean.

    That is a limit beyond a fan-out that has yet to run, and forcing what the run does not come to. Raises
    DecisionFailed with what to type instead.
    """
    _require_reachable(planner, asked, limits, cores)
    if forced:
        # Without the limits: what they take away was taken away knowingly.
        _require_come_to(make_plan(planner, asked), forced, planner)


def _require_come_to(
    plan: list[StageDecisions], forced: Mapping[str, Selection], planner: Planner
) -> None:
    """Raises DecisionFailed that names all words of which nothing is, or may come to be, in the run."""
    met = [decision.instance for each in plan for decision in (*each.at_work, *each.held)]
    growing = {each.stage for each in plan if each.waits_for}
    idle = [
        word
        for word, meant in forced.items()
        if not growing & meant.touched and not any(map(meant.takes, met))
    ]
    if idle:
        reason = "this run does not come to it: name it as a target as well, or leave it out"
        start = planner.start_from
        if start is not None:
            reason = f"--start-from {start} lets only {start} run, and what depends on it and is asked for"
        raise DecisionFailed(f"--forcerun {' '.join(idle)}: {reason}")


def _require_reachable(
    planner: Planner, asked: Selection, limits: Limits | None, cores: int
) -> None:
    """Refuse a limit beyond a fan-out that has yet to run: Snakemake would do nothing there, and exit 0."""
    if limits is None or not limits.until | limits.omit:
        return
    recipe = planner.recipe
    plan = make_plan(planner, asked)
    _require_no_wait(recipe, plan, limits, cores)
    opened = _open_fan_outs(recipe, plan)
    for option, stages in (("--until", limits.until), ("--omit-from", limits.omit)):
        for stage_id in sorted(stages):
            above = [each for each in opened if each.stage in recipe.upstream(stage_id)]
            if above:
                raise DecisionFailed(
                    f"{option} {stage_id} lies beyond the fan-out '{above[0].stage}', which has yet to run:"
                    f" its jobs are not known yet, and Snakemake would do nothing."
                    f" {_instead(recipe, asked, limits, above, cores)}"
                )
    if limits.omit and opened:
        _require_nothing_beyond(planner, asked, limits, cores)


def _require_no_wait(
    recipe: ResolvedRecipe, plan: list[StageDecisions], limits: Limits, cores: int
) -> None:
    """Refuse to end at a stage that only waits for people: it has no job, and Snakemake none that lead to it."""
    for stage in plan:
        if stage.stage not in limits.until or not stage.waiting or stage.at_work:
            continue
        before = recipe.upstream(stage.stage)
        work = [each.instance for other in plan if other.stage in before for each in other.at_work]
        if work:
            raise DecisionFailed(
                f"--until {stage.stage}: it waits until somebody approves what it reads, and Snakemake would not come"
                f" to the work before it. {_first(recipe, work, cores)}"
            )


def _require_nothing_beyond(planner: Planner, asked: Selection, limits: Limits, cores: int) -> None:
    """Refuse to leave anything out where work that is left lies beyond a fan-out: Snakemake would not come to it."""
    recipe = planner.recipe
    plan = make_plan(planner, asked, limits)
    opened = _open_fan_outs(recipe, plan)
    for stage in plan:
        above = [each for each in opened if each.stage in recipe.upstream(stage.stage)]
        if above and (stage.at_work or stage.waits_for):
            raise DecisionFailed(
                f"--omit-from {' '.join(sorted(limits.omit))}: {stage.stage} lies beyond the fan-out"
                f" '{above[0].stage}', which has yet to run, and Snakemake would not come to it."
                f" {_instead(recipe, asked, limits, above, cores)}"
            )


def _open_fan_outs(recipe: ResolvedRecipe, plan: list[StageDecisions]) -> list[Instance]:
    return [
        decision.instance
        for stage in plan
        if recipe.stages[stage.stage].is_fan_out
        for decision in stage.at_work
    ]


def _instead(
    recipe: ResolvedRecipe,
    asked: Selection,
    limits: Limits,
    above: list[Instance],
    cores: int,
) -> str:
    """One command that does the same, or what to run first."""
    command = _snakemake(cores)
    if asked == everything(recipe) and limits.targets is None:
        if not limits.omit:
            return f"Type instead:{command}" + " ".join(
                f"all_{each}" for each in sorted(limits.until)
            )
        if not limits.until:
            left = [
                stage
                for stage in recipe.asked
                if stage not in limits.omit and not limits.omit & recipe.upstream(stage)
            ]
            return f"Type instead:{command}" + " ".join(f"all_{each}" for each in left)
    return _first(recipe, above, cores)


def _first(recipe: ResolvedRecipe, work: list[Instance], cores: int) -> str:
    """What to run first."""
    if len(work) > SHOWN:
        first = dict.fromkeys(f"all_{each.stage}" for each in work)
    else:
        first = dict.fromkeys(current_path(key_of(recipe, each)) for each in work)
    return f"Type first, and then the same again:{_snakemake(cores)}" + " ".join(first)


def _snakemake(cores: int) -> str:
    return f"\n  snakemake -c{cores} "
