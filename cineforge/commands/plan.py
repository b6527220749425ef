"""Say what a run would do, why, and what it would cost, without running anything.

examples:
  cineforge plan screenplay
  cineforge plan screenplay strip_board scene_report/scene_7
  cineforge plan screenplay --forcerun scene_report --json

Targets are stages, artifacts (type[/entity]) or current/ paths; without any, everything. What depends on a
fan-out that has yet to run is told as a range: what is certain, and what is possible with the members known today.
The exit status is 1 when something is out of date, 0 when nothing is.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cineforge.commands.options import add_question_options
from cineforge.deciding.reasons import RERUN_TRIGGERS, heeded_reasons
from cineforge.model.errors import DecisionFailed, suggestion

if TYPE_CHECKING:
    from cineforge.deciding.decide import Decision
    from cineforge.deciding.forecast import Range, Sample
    from cineforge.deciding.instance import Instance
    from cineforge.deciding.outlook import StageOutlook
    from cineforge.recipes.resolved import ResolvedRecipe

SHOWN = 12


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("recipe", help="a recipe's name, or the path of its file")
    parser.add_argument("targets", nargs="*", metavar="TARGET")
    parser.add_argument(
        "--forcerun",
        nargs="+",
        default=[],
        metavar="TARGET",
        help="as if forced: stages, artifacts",
    )
    parser.add_argument("--force", action="store_true", help="as if everything were forced")
    parser.add_argument(
        "--rerun-triggers",
        nargs="+",
        choices=sorted(RERUN_TRIGGERS),
        metavar="TRIGGER",
        help=f"let only these count: {', '.join(RERUN_TRIGGERS)}",
    )
    parser.add_argument("--start-from", metavar="STAGE", help="use what is upstream as it is")
    parser.add_argument(
        "--config", nargs="+", default=[], metavar="NAME=VALUE", help="fill ${variables}"
    )
    add_question_options(parser)


def run(options: argparse.Namespace) -> int:
    from cineforge.commands.project import load_project_recipe
    from cineforge.deciding.outlook import outlook
    from cineforge.deciding.planner import Planner
    from cineforge.deciding.store_world import StoreWorld
    from cineforge.model.project_config import ProjectConfig
    from cineforge.recipes.project_file import read_config
    from cineforge.store import ArtifactStore

    project = options.directory.resolve()
    config = {**read_config(project), **_assignments(options.config)}
    recipe = load_project_recipe(options.recipe, project, config)
    stages, instances = _targets(options.targets or ["all"], recipe)
    forced_stages, forced = _targets(options.forcerun, recipe)
    with ArtifactStore(project) as store:
        planner = Planner(
            recipe,
            StoreWorld(store, (project, Path.cwd())),
            ProjectConfig(values=dict(recipe.project)),
            lambda each: options.force or each.stage in forced_stages or each in forced,
            options.start_from,
            heeded_reasons(options.rerun_triggers or RERUN_TRIGGERS),
        )
        plan = outlook(planner, stages, instances)
    samples = _samples(project, recipe)
    if options.json:
        print(json.dumps(_record(plan, samples), indent=1))
    else:
        _print(plan, samples)
    return 0 if all(stage.is_up_to_date for stage in plan) else 1


def _assignments(words: list[str]) -> dict[str, str]:
    pairs = [word.partition("=") for word in words]
    wrong = next((name for name, equals, _ in pairs if not equals), None)
    if wrong is not None:
        raise DecisionFailed(f"--config {wrong}: write NAME=VALUE")
    return {name: value for name, _, value in pairs}


def _targets(words: list[str], recipe: ResolvedRecipe) -> tuple[list[str], list[Instance]]:
    """Whole stages, and single instances. Raises DecisionFailed for what the recipe does not make."""
    from cineforge.bridge.run_settings import instance_of
    from cineforge.model.refs import parse_ref

    stages: list[str] = []
    instances: list[Instance] = []
    for word in words:
        name = word.removeprefix("all_")
        if word == "all":
            stages += recipe.stages
        elif name in recipe.stages:
            stages.append(name)
        else:
            key, _ = parse_ref(word.removeprefix("current/").removesuffix(".json"))
            instance = instance_of(recipe, *key)
            if instance is None:
                known = [*recipe.stages, *recipe.makers]
                raise DecisionFailed(
                    f"the recipe '{recipe.recipe_id}' makes no '{word}': {suggestion(word, known)}"
                )
            instances.append(instance)
    return stages, instances


def _samples(project: Path, recipe: ResolvedRecipe) -> dict[str, list[Sample]]:
    """What instances of the same stage and module took in the runs on record."""
    from cineforge.deciding.forecast import Sample
    from cineforge.model.errors import StoreDamaged
    from cineforge.model.run_state import InstanceState
    from cineforge.running.run_files import read_state, run_ids, runs_folder

    found: dict[str, list[Sample]] = {}
    for run_id in run_ids(project):
        try:
            state = read_state(runs_folder(project) / run_id)
        except StoreDamaged:
            continue
        for stage in state.stages:
            known = recipe.stages.get(stage.stage)
            if known is None or known.module.module_id != stage.module_id:
                continue
            found.setdefault(stage.stage, []).extend(
                Sample(each.seconds, each.cost_usd)
                for each in stage.instances
                if each.state is InstanceState.DONE
            )
    return found


def _print(plan: list[StageOutlook], samples: dict[str, list[Sample]]) -> None:
    from cineforge.bridge.wording import decision_text, listed
    from cineforge.commands.run_summary import money
    from cineforge.commands.table import print_table
    from cineforge.deciding.forecast import NOTHING, forecast

    if all(stage.is_up_to_date for stage in plan):
        print("everything is up to date")
    for stage in plan:
        for decision in [*stage.build, *stage.unknown][:SHOWN]:
            print(f"{decision.instance}: {decision_text(decision)}")
        more = len(stage.build) + len(stage.unknown) - SHOWN
        if more > 0:
            print(f"... and {more} more of {stage.stage}")
        if stage.waits_for:
            names = listed([str(each) for each in stage.waits_for])
            print(f"{stage.stage}: up to {stage.today} more, known when {names} has run")
        for decision in stage.held:
            print(f"{decision.instance}: {decision_text(decision)}")
    rows = []
    total_usd, total_seconds = NOTHING, NOTHING
    for each in forecast(plan, samples):
        stage = next(found for found in plan if found.stage == each.stage)
        rows.append([each.stage, _calls(stage), _span(each.usd, money), _span(each.seconds, _time)])
        total_usd += each.usd or NOTHING
        total_seconds += each.seconds or NOTHING
    if rows:
        rows.append(["in all", "", _span(total_usd, money), _span(total_seconds, _time)])
        print()
        head = ["stage", "module calls", "cost low/likely/high", "job time low/likely/high"]
        print_table(head, rows, right=head[1:])


def _calls(stage: StageOutlook) -> str:
    if stage.at_least == stage.at_most:
        return str(stage.at_least)
    return f"{stage.at_least} to {stage.at_most}"


def _time(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 100 else f"{seconds / 60:.1f} min"


def _span(found: Range | None, text: Any) -> str:
    if found is None:
        return "not known"
    return " / ".join(text(value) for value in (found.low, found.likely, found.high))


def _record(plan: list[StageOutlook], samples: dict[str, list[Sample]]) -> dict[str, Any]:
    from dataclasses import asdict

    from cineforge.deciding.forecast import forecast

    forecasts = {each.stage: each for each in forecast(plan, samples)}
    return {
        "up_to_date": all(stage.is_up_to_date for stage in plan),
        "stages": [
            {
                "stage": stage.stage,
                "at_least": stage.at_least,
                "at_most": stage.at_most,
                "kept": stage.kept,
                "build": [_decision(each) for each in stage.build],
                "unknown": [_decision(each) for each in stage.unknown],
                "held": [_decision(each) for each in stage.held],
                "waits_for": [str(each) for each in stage.waits_for],
                "forecast": asdict(forecasts[stage.stage]) if stage.stage in forecasts else None,
            }
            for stage in plan
        ],
    }


def _decision(decision: Decision) -> dict[str, Any]:
    return {
        "instance": str(decision.instance),
        "reasons": [
            {name: value for name, value in vars(reason).items() if value}
            for reason in decision.reasons
        ],
        "pending": [str(each) for each in decision.pending],
    }
