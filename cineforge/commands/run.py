"""Run a recipe: plain snakemake, with a record under a name of your own, a live view, and a summary.

examples:
  cineforge run screenplay --directory my_film
  cineforge run recipes/echo.yaml --run-id test-001            outside a project: works in ./output
  cineforge run screenplay scene_report/scene_7 --dry-run      a single artifact, and what it needs
  cineforge run screenplay 'scene_report/scene_1*'             all that match, also those yet to be named
  cineforge run previs scene_7                                 all that is made for it and from it
  cineforge run screenplay --stale                             what is stale or needs revision now
  cineforge run screenplay strip_board --start-from strip_board --force
  cineforge run screenplay --instrument -c8 --keep-going       the rest goes to snakemake as it is

Targets come first: stages, types, type/entity, globs, entities, current/ paths. 'cineforge plan' takes the same.

options of its own, anywhere after the recipe:
  --run-id ID          name the run; an id that was used before is refused
  --dry-run            say what would run, and why; with --run-id it leaves a record of that, marked as dry
  --stale              of the targets, or of everything, what is stale or needs revision now
  --start-from STAGE   only that stage and what depends on it; what is upstream is used as it is
  --force              call the modules of the targets again; without targets, all modules
  --instrument         record wall time, CPU and peak memory of every job
  --on-finish COMMAND  run this when the run has ended, however it did, with the summary as JSON on its standard
                       input; split into words as by a shell, but no shell is started (also: on_finish in config.yaml)
  --budget USD         begin no paid call past this; what was left out is said, and the next run goes on with it
  --confirm-above USD  ask before a run that may spend more than this; --yes answers
                       (also: spending: {budget: 5, project_budget: 100, confirm_above: 2} in config.yaml)
  --plan FILE          run what 'cineforge plan --out FILE' wrote, or refuse and say what changed since
  --directory PROJECT  the project; without it the current folder, or ./output outside a project
--forcerun, --until and --omit-from are Snakemake's own, and take the words of targets as well.
So are --configfile FILE ... and --config NAME=VALUE ...: values of files go over those of config.yaml, in their order,
and words over files.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from cineforge.commands.shared.run_request import (
    NOTHING_STALE,
    named_recipe,
    project_folder,
)
from cineforge.commands.shared.typed_run import (
    TypedRun,
    is_ticket,
    listed_option,
    snakemake_arguments,
    typed_run,
)
from cineforge.commands.shared.words import in_a_line
from cineforge.model.errors import CineForgeError
from cineforge.store import layout

if TYPE_CHECKING:
    from pydantic import JsonValue

    from cineforge.bridge.request.spending import Spending
    from cineforge.commands.shared.run_request import RunRequest
    from cineforge.model.records.plan_file import PlanFile, TypedRequest
    from cineforge.recipes.resolved import ResolvedRecipe

#: The words after `run` are told apart here, not by argparse.
READS_OPTIONS = True


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.usage = "cineforge run [RECIPE] [TARGET ...] [OPTION ...] [SNAKEMAKE OPTION ...]"
    # Snakemake's own options are not known here: everything keeps its order and is told apart below.
    parser.add_argument("rest", nargs=argparse.REMAINDER, help=argparse.SUPPRESS).required = False


def run(options: argparse.Namespace) -> int:
    from cineforge.bridge.process.nameless_user import require_home
    from cineforge.bridge.process.on_finish import tell_finished
    from cineforge.bridge.request.run_options import RunOptions, new_run_id
    from cineforge.commands.shared.confirming import confirm
    from cineforge.commands.shared.planning.looking_ahead import look_ahead, print_made_first
    from cineforge.commands.shared.planning.plan_files import require_as_planned, write_plan
    from cineforge.commands.shared.project_option import project_config
    from cineforge.commands.shared.run_process import run_to_the_end
    from cineforge.commands.shared.run_request import snakemake_targets
    from cineforge.commands.shared.run_totals import print_summary
    from cineforge.model.names import check_segment
    from cineforge.recipes.named import recipe_path
    from cineforge.recipes.reading.given_values import given_values
    from cineforge.recipes.share import share_root
    from cineforge.store.disk.temporary import TemporaryFolder

    require_home()
    asked = typed_run(options.rest[1:])
    directory = asked.values.get("--directory")
    project = project_folder(None if directory is None else Path(directory))
    layout.require_own_folders(project)
    planned = _take_plan(asked, project)
    given = given_values(map(Path, asked.configfiles), asked.config)
    config = project_config(project, given)
    name, asked.targets = named_recipe(asked.targets, project, config)
    run_id = check_segment("run id", asked.values.get("--run-id", new_run_id()))
    if os.path.lexists(layout.run_folder(project, run_id)):
        raise CineForgeError(f"there is a run '{run_id}' already: choose another --run-id")
    on_finish = _on_finish(asked, project, config)
    spending = _spending(asked, config)
    recipe, request = _request(asked, name, project, config)
    if asked.words.stale and not request.asked:
        print(NOTHING_STALE)
        return 0
    is_asked = spending.confirm_above is not None and not asked.switches & {"yes", "dry_run"}
    if planned or is_asked:
        typed = planned.request if planned else _typed_request(asked, name)
        now = look_ahead(recipe, request, project, typed)
        if planned:
            require_as_planned(Path(asked.values["--plan"]), planned, now)
        if spending.confirm_above is not None and is_asked:
            confirm(now.report, spending.confirm_above)
    said = snakemake_targets(request, recipe)
    tickets = [word for word in asked.targets if is_ticket(word)]
    targets = [*tickets, *(said.targets if asked.words.have_targets or not tickets else ())]
    command = [*targets]
    command += listed_option("--forcerun", said.forcerun) + listed_option("--until", request.until)
    command += listed_option("--omit-from", request.omit_from)
    command += snakemake_arguments(asked, whole=said.targets == ("all",))
    is_dry = "dry_run" in asked.switches
    command += ["--snakefile", str(share_root() / "Snakefile")]
    command += ["--logger", "cineforge"] if not is_dry else []
    with TemporaryFolder("run") as scratch:
        folder = project
        if is_dry and not project.exists() and "--run-id" not in asked.values:
            folder = scratch / project.name  # Snakemake makes the folder that it is to work in
        folder.mkdir(parents=True, exist_ok=True)
        command += ["--directory", str(folder)]
        chosen = [] if name is None else [f"recipe={recipe_path(name, project).resolve()}"]
        command += listed_option("--configfile", tuple(asked.configfiles))
        command += listed_option("--config", (*asked.config, *chosen))
        selection = scratch / "selection.json" if said.carried else None
        if said.carried and selection:
            said.carried.write(selection)
        wanted = RunOptions(
            run_id=run_id,
            start_from=request.start_from,
            instrument="instrument" in asked.switches,
            command=("cineforge", *sys.argv[1:]),
            selection=selection,
            dry_record=is_dry and "--run-id" in asked.values,
            budget=spending.budget.run,
            plan=scratch / layout.PLAN_FILE if planned else None,
        )
        if planned:
            write_plan(scratch / layout.PLAN_FILE, planned)
        environment = {**os.environ, **wanted.environment()}
        # Where a run has certified that all is done, there may be nothing to do.
        has_certificate = any((project / layout.CERTIFICATES).glob("*.json"))
        calls_modules = not is_dry and not has_certificate
        status = run_to_the_end(command, environment, calls_modules=calls_modules)
    if not is_dry and layout.run_folder(project, run_id).is_dir():
        print_summary(project, run_id)
        if status == 0 and name is not None and not recipe.parts:
            print_made_first(recipe, name, asked.words.targets, project, config)
        if on_finish is not None:
            tell_finished(project, run_id, *on_finish, _complain)
    return status


def _on_finish(
    asked: TypedRun, project: Path, config: Mapping[str, JsonValue]
) -> tuple[list[str], Path] | None:
    """The command that is to hear of the end, and where it is run: where it was typed, or else in the project."""
    from cineforge.bridge.process.on_finish import configured
    from cineforge.recipes.reading.typed_values import command_words

    typed = asked.values.get("--on-finish")
    if typed is not None:
        try:
            return command_words(typed), Path.cwd()
        except CineForgeError as error:
            raise CineForgeError(f"--on-finish: {error}") from None
    words = configured(config, project)
    return None if words is None else (words, project)


def _take_plan(asked: TypedRun, project: Path) -> PlanFile | None:
    """The plan that is to be run, if any: what it was asked for stands then in `asked`. Raises CineForgeError."""
    from cineforge.commands.shared.planning.plan_files import read_plan, with_keys
    from cineforge.recipes.reading.project_file import read_config

    if "--plan" not in asked.values:
        return None
    other = [*asked.targets, *(f"--{name.replace('_', '-')}" for name in asked.lists)]
    other += [f"--{name}" for name in ("force", "stale") if name in asked.switches]
    other += ["--start-from"] * ("--start-from" in asked.values)
    other += ["--rerun-triggers"] * bool(asked.triggers)
    other += ["--configfile"] * bool(asked.configfiles)
    if other:
        raise CineForgeError(f"{other[0]}: the plan says what to run: leave it out")
    planned = read_plan(Path(asked.values["--plan"]))
    request = planned.request
    asked.config = with_keys(request.config, asked.config, read_config(project))
    asked.configfiles = list(request.configfiles)
    asked.targets = [*filter(None, [request.recipe]), *request.targets]
    lists = (request.forcerun, request.until, request.omit_from)
    for name, words in zip(("forcerun", "until", "omit_from"), lists, strict=True):
        if words:
            asked.lists[name] = list(words)
    asked.triggers = list(request.rerun_triggers)
    asked.switches |= {name for name in ("force", "stale") if getattr(request, name)}
    if request.start_from is not None:
        asked.values["--start-from"] = request.start_from
    return planned


def _typed_request(asked: TypedRun, recipe_name: str | None) -> TypedRequest:
    from cineforge.model.records.plan_file import TypedRequest

    return TypedRequest(recipe=recipe_name, rerun_triggers=tuple(asked.triggers))


def _spending(asked: TypedRun, config: Mapping[str, JsonValue]) -> Spending:
    """What may be paid. Raises CineForgeError."""
    from cineforge.bridge.request.spending import read_spending, usd

    names = ("--budget", "--confirm-above")
    typed = {name: usd(asked.values[name], name) for name in names if name in asked.values}
    return read_spending(config, typed.get("--budget"), typed.get("--confirm-above"))


def _complain(text: str) -> None:
    print(f"cineforge: {in_a_line(text)}", file=sys.stderr)


def _request(
    asked: TypedRun, recipe_name: str | None, project: Path, config: Mapping[str, JsonValue]
) -> tuple[ResolvedRecipe, RunRequest]:
    """What the words mean in this project. Raises DecisionFailed that names all wrong ones."""
    from cineforge.bridge.request.limits import read_limits, require_possible
    from cineforge.commands.shared.project_option import load_project_recipe
    from cineforge.commands.shared.run_request import read_request
    from cineforge.deciding.facts.store_world import StoreWorld
    from cineforge.deciding.planner import Planner
    from cineforge.deciding.reasons import RERUN_TRIGGERS, enabled_reasons
    from cineforge.recipes.listed import recipe_names
    from cineforge.store import ArtifactStore

    recipe = load_project_recipe(recipe_name, project, config)
    with ArtifactStore(project, only_look="dry_run" in asked.switches) as store:
        world = StoreWorld(store, (project, Path.cwd()))
        start_from = asked.values.get("--start-from")
        planner = Planner(recipe, world, start_from=start_from)
        others = recipe_names(project, config) if recipe_name is None else ()
        request = read_request(asked.words, planner, world, others)
        limits = read_limits(recipe, request.until, request.omit_from)
        if limits or request.forced_words:
            enabled = enabled_reasons(asked.triggers or RERUN_TRIGGERS)
            planner = Planner(recipe, world, request.is_forced, start_from, enabled)
            require_possible(planner, request.asked, limits, request.forced_words, cores=4)
        return recipe, request
