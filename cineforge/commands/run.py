"""Run a recipe: plain snakemake, with a record under a name of your own, a live view, and a summary.

examples:
  cineforge run screenplay --directory my_film
  cineforge run recipes/echo.yaml --run-id test-001            outside a project: works in ./output
  cineforge run screenplay scene_report/scene_7 --dry-run      a single artifact, and what it needs
  cineforge run screenplay 'scene_report/scene_1*'             all that match, also those yet to be named
  cineforge run previs scene_7                                 all that is made for it and below it
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
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cineforge.commands.shared.run_request import (
    NOTHING_STALE,
    TypedTargets,
    named_recipe,
    project_folder,
)
from cineforge.commands.shared.words import in_a_line
from cineforge.model.errors import CineForgeError
from cineforge.store import layout

if TYPE_CHECKING:
    from cineforge.bridge.request.spending import Spending
    from cineforge.commands.shared.run_request import RunRequest
    from cineforge.model.records.plan_file import PlanFile, TypedRequest
    from cineforge.recipes.resolved import ResolvedRecipe

#: The words after `run` are told apart here, not by argparse.
READS_OPTIONS = True
VALUED = (
    "--run-id",
    "--start-from",
    "--directory",
    "--on-finish",
    "--budget",
    "--confirm-above",
    "--plan",
)
SWITCHES = {
    "--dry-run": "dry_run",
    "-n": "dry_run",
    "--force": "force",
    "--stale": "stale",
    "--instrument": "instrument",
    "--yes": "yes",
}
#: Options of Snakemake whose words are read here, with what follows them up to the next option.
LISTS = {
    "--forcerun": "forcerun",
    "-R": "forcerun",
    "--until": "until",
    "-U": "until",
    "--omit-from": "omit_from",
    "-O": "omit_from",
}


@dataclass
class _Asked:
    """The words after the recipe, told apart: ours, those with a meaning, and the rest for Snakemake."""

    values: dict[str, str] = field(default_factory=dict)
    switches: set[str] = field(default_factory=set)
    targets: list[str] = field(default_factory=list)
    lists: dict[str, list[str]] = field(default_factory=dict)
    rest: list[str] = field(default_factory=list)
    config: list[str] = field(default_factory=list)
    triggers: list[str] = field(default_factory=list)

    @property
    def words(self) -> TypedTargets:
        return TypedTargets(
            # Files of no artifact go to Snakemake as they are.
            [word for word in self.targets if not _is_ticket(word)],
            self.lists.get("forcerun", []),
            self.lists.get("until", []),
            self.lists.get("omit_from", []),
            force="force" in self.switches,
            stale="stale" in self.switches,
            start_from=self.values.get("--start-from"),
        )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.usage = "cineforge run [RECIPE] [TARGET ...] [OPTION ...] [SNAKEMAKE OPTION ...]"
    # Snakemake's own options are not known here: everything keeps its order and is told apart below.
    parser.add_argument("rest", nargs=argparse.REMAINDER, help=argparse.SUPPRESS).required = False


def run(options: argparse.Namespace) -> int:
    from cineforge.bridge.on_finish import tell_finished
    from cineforge.bridge.request.run_options import RunOptions, new_run_id
    from cineforge.commands.shared.confirming import confirm
    from cineforge.commands.shared.looking_ahead import look_ahead
    from cineforge.commands.shared.plan_files import require_as_planned, write_plan
    from cineforge.commands.shared.project_option import project_config
    from cineforge.commands.shared.run_request import snakemake_targets
    from cineforge.commands.shared.run_totals import print_summary
    from cineforge.model.names import check_segment
    from cineforge.recipes.named import recipe_path
    from cineforge.recipes.reading.typed_values import assignments
    from cineforge.recipes.share import share_root
    from cineforge.store.disk.temporary import TemporaryFolder

    asked = _told_apart(options.rest[1:])
    directory = asked.values.get("--directory")
    project = project_folder(None if directory is None else Path(directory))
    layout.require_own_folders(project)
    planned = _take_plan(asked, project)
    config = project_config(project, assignments(asked.config, "--config"))
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
    tickets = [word for word in asked.targets if _is_ticket(word)]
    targets = [*tickets, *(said.targets if asked.words.have_targets or not tickets else ())]
    command = [*targets]
    command += _listed("--forcerun", said.forcerun) + _listed("--until", request.until)
    command += _listed("--omit-from", request.omit_from)
    command += _snakemake_arguments(asked, whole=said.targets == ("all",))
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
        command += _listed("--config", (*asked.config, *chosen))
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
        status = _run_to_the_end(command, {**os.environ, **wanted.environment()})
    if not is_dry and layout.run_folder(project, run_id).is_dir():
        print_summary(project, run_id)
        if on_finish is not None:
            tell_finished(project, run_id, *on_finish, _complain)
    return status


def _on_finish(
    asked: _Asked, project: Path, config: Mapping[str, Any]
) -> tuple[list[str], Path] | None:
    """The command that is to hear of the end, and where it is run: where it was typed, or else in the project."""
    from cineforge.bridge.on_finish import command_words, configured

    typed = asked.values.get("--on-finish")
    if typed is not None:
        return command_words(typed, "--on-finish"), Path.cwd()
    words = configured(config)
    return None if words is None else (words, project)


def _take_plan(asked: _Asked, project: Path) -> PlanFile | None:
    """The plan that is to be run, if any: what it was asked for stands then in `asked`. Raises CineForgeError."""
    from cineforge.commands.shared.plan_files import read_plan, with_keys
    from cineforge.recipes.reading.project_file import read_config

    if "--plan" not in asked.values:
        return None
    other = [*asked.targets, *(f"--{name.replace('_', '-')}" for name in asked.lists)]
    other += [f"--{name}" for name in ("force", "stale") if name in asked.switches]
    other += ["--start-from"] * ("--start-from" in asked.values)
    other += ["--rerun-triggers"] * bool(asked.triggers)
    if other:
        raise CineForgeError(f"{other[0]}: the plan says what to run: leave it out")
    planned = read_plan(Path(asked.values["--plan"]))
    request = planned.request
    asked.config = with_keys(request.config, asked.config, read_config(project))
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


def _typed_request(asked: _Asked, recipe_name: str | None) -> TypedRequest:
    from cineforge.model.records.plan_file import TypedRequest

    return TypedRequest(recipe=recipe_name, rerun_triggers=tuple(asked.triggers))


def _spending(asked: _Asked, config: Mapping[str, Any]) -> Spending:
    """What may be paid. Raises CineForgeError."""
    from cineforge.bridge.request.spending import read_spending, usd

    names = ("--budget", "--confirm-above")
    typed = {name: usd(asked.values[name], name) for name in names if name in asked.values}
    return read_spending(config, typed.get("--budget"), typed.get("--confirm-above"))


def _complain(text: str) -> None:
    print(f"cineforge: {in_a_line(text)}", file=sys.stderr)


def _is_ticket(word: str) -> bool:
    return word.removeprefix("./").startswith(f"{layout.ARTIFACTS}/")


def _request(
    asked: _Asked, recipe_name: str | None, project: Path, config: Mapping[str, Any]
) -> tuple[ResolvedRecipe, RunRequest]:
    """What the words mean in this project. Raises DecisionFailed that names all wrong ones."""
    from cineforge.bridge.request.limits import read_limits, require_possible
    from cineforge.commands.shared.project_option import load_project_recipe
    from cineforge.commands.shared.run_request import read_request
    from cineforge.deciding.facts.store_world import StoreWorld
    from cineforge.deciding.planner import Planner
    from cineforge.deciding.reasons import RERUN_TRIGGERS, enabled_reasons
    from cineforge.store import ArtifactStore

    recipe = load_project_recipe(recipe_name, project, config)
    with ArtifactStore(project, only_look="dry_run" in asked.switches) as store:
        world = StoreWorld(store, (project, Path.cwd()))
        start_from = asked.values.get("--start-from")
        request = read_request(asked.words, Planner(recipe, world, start_from=start_from), world)
        limits = read_limits(recipe, request.until, request.omit_from)
        if limits or request.forced_words:
            enabled = enabled_reasons(asked.triggers or RERUN_TRIGGERS)
            planner = Planner(recipe, world, request.is_forced, start_from, enabled)
            require_possible(planner, request.asked, limits, request.forced_words, cores=4)
        return recipe, request


def _listed(option: str, words: tuple[str, ...]) -> list[str]:
    return [option, *words] if words else []


def _told_apart(words: list[str]) -> _Asked:
    """Our own options and what has a meaning out of the words after the recipe; the rest keeps its order."""
    asked = _Asked()
    pending = list(words)
    before_options = True
    while pending:
        word = pending.pop(0)
        name, equals, value = word.partition("=")
        if name in VALUED:
            if not equals:
                if not pending or pending[0].startswith("-"):
                    raise CineForgeError(f"{name} needs a value")
                value = pending.pop(0)
            asked.values[name] = value
        elif word in SWITCHES:
            asked.switches.add(SWITCHES[word])
        elif name in LISTS:
            found = asked.lists.setdefault(LISTS[name], [])
            found += [value] if equals else _up_to_the_next_option(pending)
            if not found:
                raise CineForgeError(f"{name} needs the names of stages or artifacts")
        elif name in ("--config", "-C"):
            asked.config += [value] if equals else []
            asked.config += _up_to_the_next_option(pending)
        elif name == "--rerun-triggers":
            before_options = False
            asked.triggers += [value] if equals else _up_to_the_next_option(pending)
        elif before_options and not word.startswith("-"):
            asked.targets.append(word)
        else:
            # From here on a word may belong to an option that only Snakemake knows.
            before_options = False
            asked.rest.append(word)
    return asked


def _up_to_the_next_option(pending: list[str]) -> list[str]:
    found = []
    while pending and not pending[0].startswith("-"):
        found.append(pending.pop(0))
    return found


def _snakemake_arguments(asked: _Asked, *, whole: bool) -> list[str]:
    arguments = [*asked.rest, *_listed("--rerun-triggers", tuple(asked.triggers))]
    if not any(word.startswith(("-c", "-j", "--cores", "--jobs")) for word in arguments):
        arguments += ["--cores", "all"]
    if "dry_run" in asked.switches:
        arguments.append("--dry-run")
    if "force" in asked.switches:
        has_targets = bool(asked.targets) or "stale" in asked.switches
        # Of `all`, Snakemake's --force would mean the rule of that name, and none of its inputs.
        arguments.append("--force" if has_targets and not whole else "--forceall")
    return arguments


def _run_to_the_end(arguments: list[str], environment: dict[str, str]) -> int:
    """Snakemake's exit status. What is to end this command goes to Snakemake, which lets the jobs at work end first."""
    readable, writable = os.pipe()
    ours = ",".join([*VALUED, *SWITCHES])
    command = [
        sys.executable,
        "-m",
        "cineforge.bridge.process.child",
        str(readable),
        ours,
        *arguments,
    ]
    # A Ctrl-C waits until Python is up in the child, which lets it in then, and until we wait for that.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        process = subprocess.Popen(command, env=environment, pass_fds=[readable])
        os.close(readable)
        signal.signal(signal.SIGTERM, lambda number, _frame: process.send_signal(number))
        if signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:
            signal.signal(signal.SIGHUP, lambda number, _frame: process.send_signal(number))
        while True:
            try:
                signal.pthread_sigmask(signal.SIG_SETMASK, before)
                status = process.wait()
                if status == -signal.SIGINT:  # it had not begun, and could not say so itself
                    print("stopped", file=sys.stderr)
                return status if status >= 0 else 128 - status  # as a shell tells of a signal
            except KeyboardInterrupt:
                continue  # a terminal's Ctrl-C has reached Snakemake as well
    finally:
        os.close(writable)
