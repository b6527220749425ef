"""Say what a run would do, why, and what it would cost, without publishing or paying anything.

examples:
  cineforge plan screenplay
  cineforge plan screenplay strip_board scene_report/scene_7      a stage, and one artifact
  cineforge plan screenplay 'scene_report/scene_1*'               what matches
  cineforge plan previs scene_7                                   all that is made for it and from it
  cineforge plan screenplay --stale                               what is stale or needs revision now
  cineforge plan screenplay --forcerun scene_report --json
  cineforge plan previs --out plan.json                           to look at, and then: cineforge run --plan plan.json

It takes the targets of `cineforge run`, and means the same by them; without any, everything. Modules that are
`pure: true` are run in scratch where what they make must be known; the run takes what they made. What depends on
another fan-out that has yet to run is told as a range: what is certain, and what is possible with the members known
today.
The exit status is 0 when nothing is out of date, 1 when something is, 2 when the question could not be answered.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from cineforge.commands.shared.options import add_config_options, file_to_write
from cineforge.deciding.reasons import RERUN_TRIGGERS, enabled_reasons

if TYPE_CHECKING:
    from pydantic import JsonValue

    from cineforge.commands.shared.run_request import TypedTargets
    from cineforge.deciding.decide import Decision
    from cineforge.deciding.dry_run.stage_decisions import StageDecisions
    from cineforge.model.records.plan_report import PlanReport
    from cineforge.model.refs import ArtifactKey

EVERYTHING, UP_TO_DATE = "everything", "is up to date"
SHOWN = 12
STALE_SHOWN = 4
#: 1 is an answer, so trouble has a status of its own.
TROUBLE = 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "recipe",
        nargs="?",
        help="a recipe's name or the path of its file; without it the project's",
    )
    parser.add_argument(
        "targets",
        nargs="*",
        default=[],
        metavar="TARGET",
        help="stages, artifacts, entities, globs",
    )
    for names, text in (
        (("--forcerun", "-R"), "as if these were forced"),
        (("--until", "-U"), "these stages and what they need"),
        (("--omit-from", "-O"), "without these stages and what depends on them"),
    ):
        parser.add_argument(*names, nargs="+", default=[], metavar="WORD", help=text)
    parser.add_argument(
        "--force", action="store_true", help="as if the targets were forced, or all"
    )
    parser.add_argument("--stale", action="store_true", help="only what is stale or needs revision")
    parser.add_argument(
        "--rerun-triggers",
        nargs="+",
        choices=sorted(RERUN_TRIGGERS),
        metavar="TRIGGER",
        help=f"let only these count: {', '.join(RERUN_TRIGGERS)}",
    )
    parser.add_argument(
        "--no-probe",
        action="store_true",
        help="run nothing in scratch: what depends on fan-outs is a range",
    )
    parser.add_argument(
        "--out",
        type=file_to_write,
        metavar="FILE",
        help="write it down, for 'cineforge run --plan FILE'",
    )
    parser.add_argument("--start-from", metavar="STAGE", help="use what is upstream as it is")
    add_config_options(parser)
    parser.add_argument(
        "--directory",
        type=Path,
        metavar="PROJECT",
        help="the project; without it the current folder, or ./output outside a project",
    )
    parser.add_argument(
        "--json", action="store_true", help="for programs: schemas/plan_report.schema.json"
    )


def run(options: argparse.Namespace) -> int:
    from cineforge.commands.shared.planning.certified_plan import is_plan_certified
    from cineforge.commands.shared.run_request import project_folder
    from cineforge.recipes.reading.given_values import given_values
    from cineforge.recipes.reading.project_file import fill_config
    from cineforge.store.layout import require_own_folders

    project = project_folder(options.directory).resolve()
    require_own_folders(project)
    config = given_values(options.configfile, options.config)
    fill_config(config, project)
    if is_plan_certified(options, project, config):
        print(f"{EVERYTHING} {UP_TO_DATE}")
        return 0
    return _planned(options, project, config)


def _planned(options: argparse.Namespace, project: Path, config: dict[str, JsonValue]) -> int:
    from cineforge.commands.shared.planning.late_prober import LateProber
    from cineforge.commands.shared.planning.made_first import made_first
    from cineforge.commands.shared.planning.plan_answer import answer
    from cineforge.commands.shared.planning.plan_files import plan_file, typed_request, write_plan
    from cineforge.commands.shared.planning.probe_progress import ProbeProgress
    from cineforge.commands.shared.project_option import load_project_recipe
    from cineforge.commands.shared.run_request import (
        TypedTargets,
        named_recipe,
        read_request,
    )
    from cineforge.deciding.dry_run.open_gates import gates_open_afterwards
    from cineforge.deciding.dry_run.probe import no_probe
    from cineforge.deciding.facts.few_heads import FewHeads
    from cineforge.deciding.planner import Planner
    from cineforge.project.opening import known_before
    from cineforge.recipes.listed import recipe_names
    from cineforge.store import ArtifactStore

    typed = [*filter(None, [options.recipe]), *options.targets]
    name, targets = named_recipe(typed, project, config)
    recipe = load_project_recipe(name, project, config)
    words = TypedTargets(
        targets,
        options.forcerun,
        options.until,
        options.omit_from,
        options.force,
        options.stale,
        options.start_from,
    )
    with ArtifactStore(project, only_look=True) as store:
        store.check_folders()
        store.require_all_known()
        world = FewHeads(store, (project, Path.cwd()))
        kept = known_before(store, recipe)
        enabled = enabled_reasons(options.rerun_triggers or RERUN_TRIGGERS)
        unforced = Planner(recipe, world, start_from=words.start_from, enabled=enabled, kept=kept)
        others = recipe_names(project, config) if name is None else ()
        request = read_request(words, unforced, world, others)
        progress = ProbeProgress()
        with LateProber(store, world.sources, progress) as prober:
            probe = no_probe if options.no_probe else prober
            whole = options.json or options.out is not None
            asked = (recipe, store, world, request, enabled, probe, kept)
            plan, report, planner = answer(*asked, whole=whole)
            opened = gates_open_afterwards(plan, planner)
            first = made_first(recipe, name, targets, project, config, world, probe)
            if first:
                report = report.model_copy(update={"first": first, "up_to_date": False})
        progress.clear()
        prober.tell_failures()
        for trouble in store.odd_links():
            print(f"warning: {trouble}", file=sys.stderr)
    if options.out is not None:
        write_plan(options.out, plan_file(typed_request(options), planner, plan, report))
    if options.json:
        print(report.model_dump_json(indent=1))
    else:
        _print(plan, report, words, opened, nothing_stale=words.stale and not request.asked)
    return 0 if report.up_to_date else 1


def _print(
    plan: list[StageDecisions],
    report: PlanReport,
    words: TypedTargets,
    opened: Collection[ArtifactKey],
    *,
    nothing_stale: bool,
) -> None:
    from cineforge.bridge.left_to_people import lines_for_people
    from cineforge.bridge.wording import listed
    from cineforge.commands.shared.planning.bill import print_bill
    from cineforge.commands.shared.planning.made_first import print_first
    from cineforge.commands.shared.run_request import NOTHING_STALE
    from cineforge.model.refs import as_ref

    if nothing_stale:  # a source file or a module may have changed: that is not asked
        print(NOTHING_STALE)
    elif report.up_to_date:
        print(f"{'what was asked for' if words.narrow else EVERYTHING} {UP_TO_DATE}")
    print_first(report.first, report.recipe)
    for stage in plan:
        _print_decisions(stage.stage, [*stage.build, *stage.adopted, *stage.unknown], stage)
        if stage.waits_for:
            names = listed([str(each) for each in stage.waits_for])
            others = "more " if stage.build or stage.adopted or stage.unknown else ""
            today = f"; of today's, up to {stage.possible_count}" if stage.possible_count else ""
            has = "has" if len(stage.waits_for) == 1 else "have"
            print(f"{stage.stage}: how many {others}is known when {names} {has} run{today}")
        elif stage.possible_count:
            print(
                f"{stage.stage}: up to {stage.possible_count} more, if what gathers them still does"
            )
        left = [*stage.held, *stage.as_is, *stage.waiting]
        _print_decisions(stage.stage, [_but_for_gates(each, opened) for each in left], stage)
    for line in lines_for_people(
        [each for stage in plan for each in (*stage.held, *stage.waiting)],
        [as_ref(text) for text in report.orphans],
        lambda gate: [] if gate in opened else [gate],
    ):
        print(line)
    print_bill(report)
    for turning in report.may_turn_stale:
        shown = ", ".join(turning.heads[:STALE_SHOWN])
        more = turning.count - len(turning.heads[:STALE_SHOWN])
        tail = f" and {more} more" if more else ""
        print(f"{turning.type}: {turning.count} may turn stale: {shown}{tail}")


def _but_for_gates(decision: Decision, opened: Collection[ArtifactKey]) -> Decision:
    closed = tuple(gate for gate in decision.gates if gate not in opened)
    return replace(decision, gates=closed or decision.gates)


def _print_decisions(name: str, decisions: list[Decision], stage: StageDecisions) -> None:
    from cineforge.bridge.wording import decision_text

    adopted = {each.instance for each in stage.adopted}
    for decision in decisions[:SHOWN]:
        text = decision_text(decision.record())
        if decision.instance in adopted:
            text += " (was made before: adopted, no module is called)"
        elif decision.instance in stage.recalled:
            text += " (unless it was made before)"
        print(f"{decision.instance}: {text}")
    if len(decisions) > SHOWN:
        print(f"... and {len(decisions) - SHOWN} more of {name}")
