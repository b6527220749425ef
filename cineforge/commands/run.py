"""Run a recipe: plain snakemake, with a record under a name of your own, a live view, and a summary.

examples:
  cineforge run screenplay --directory my_film
  cineforge run recipes/echo.yaml --run-id test-001            outside a project: works in ./output
  cineforge run screenplay current/scene_report/scene_7.json --dry-run
  cineforge run screenplay strip_board --start-from strip_board --force
  cineforge run screenplay --instrument -c8 --keep-going       the rest goes to snakemake as it is

options of its own, anywhere after the recipe:
  --run-id ID          name the run; an id that was used before is refused
  --dry-run            say what would run, and why
  --start-from STAGE   only that stage and what depends on it; what is upstream is used as it is
  --force              call the modules of the targets again; without targets, all modules
  --instrument         record wall time, CPU and peak memory of every job
  --directory PROJECT  the project; without it the current folder, or ./output outside a project
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from cineforge.model.errors import CineForgeError

VALUED = ("--run-id", "--start-from", "--directory")
SWITCHES = {
    "--dry-run": "dry_run",
    "-n": "dry_run",
    "--force": "force",
    "--instrument": "instrument",
}


@dataclass
class _Asked:
    values: dict[str, str] = field(default_factory=dict)
    switches: set[str] = field(default_factory=set)
    rest: list[str] = field(default_factory=list)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.usage = "cineforge run RECIPE [TARGET ...] [OPTION ...] [SNAKEMAKE OPTION ...]"
    parser.add_argument("recipe", help="a recipe's name, or the path of its file")
    # Snakemake's own options are not known here: everything keeps its order and is told apart below.
    parser.add_argument("rest", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)


def run(options: argparse.Namespace) -> int:
    from cineforge.bridge.run_options import RunOptions
    from cineforge.bridge.session import new_run_id
    from cineforge.commands.run_summary import print_summary
    from cineforge.model.names import check_segment
    from cineforge.recipes.load import load_recipe, recipe_path
    from cineforge.recipes.share import share_root

    asked = _told_apart(options.rest)
    project = _project(asked.values.get("--directory"))
    recipe = recipe_path(options.recipe, project)
    stages = load_recipe(recipe, project=project, variables={}, require_variables=False).stages
    asked.rest = [
        f"all_{word}" if word in stages and not _follows_option(asked.rest, place) else word
        for place, word in enumerate(asked.rest)
    ]
    run_id = check_segment("run id", asked.values.get("--run-id", new_run_id()))
    if (project / "runs" / run_id).exists():
        raise CineForgeError(f"there is a run '{run_id}' already: choose another --run-id")
    wanted = RunOptions(
        run_id=run_id,
        start_from=asked.values.get("--start-from"),
        instrument="instrument" in asked.switches,
        command=("cineforge", *sys.argv[1:]),
    )
    command = _snakemake_arguments(asked)
    command += ["--snakefile", str(share_root() / "Snakefile"), "--directory", str(project)]
    command += ["--logger", "cineforge"] if "dry_run" not in asked.switches else []
    command += ["--config", f"recipe={recipe.resolve()}"]
    project.mkdir(parents=True, exist_ok=True)
    status = _run_to_the_end(command, {**os.environ, **wanted.environment()})
    if "dry_run" not in asked.switches and (project / "runs" / run_id).is_dir():
        print_summary(project, run_id)
    return status


def _follows_option(words: list[str], place: int) -> bool:
    """Targets come before all options; what comes after one may belong to it."""
    return any(word.startswith("-") for word in words[:place])


def _told_apart(words: list[str]) -> _Asked:
    """Our own options out of the words after the recipe; the rest keeps its order."""
    asked = _Asked()
    pending = list(words)
    while pending:
        word = pending.pop(0)
        name, equals, value = word.partition("=")
        if name in VALUED:
            if not equals:
                if not pending:
                    raise CineForgeError(f"{name} needs a value")
                value = pending.pop(0)
            asked.values[name] = value
        elif word in SWITCHES:
            asked.switches.add(SWITCHES[word])
        else:
            asked.rest.append(word)
    return asked


def _snakemake_arguments(asked: _Asked) -> list[str]:
    arguments = list(asked.rest)
    has_targets = bool(arguments) and not arguments[0].startswith("-")
    if not has_targets:
        # Options such as --forcerun take the words after them: the target must come first.
        arguments.insert(0, "all")
    if not any(word.startswith(("-c", "-j", "--cores", "--jobs")) for word in arguments):
        arguments += ["--cores", "all"]
    if "dry_run" in asked.switches:
        arguments.append("--dry-run")
    if "force" in asked.switches:
        arguments.append("--force" if has_targets else "--forceall")
    return arguments


def _project(directory: str | None) -> Path:
    if directory is not None:
        return Path(directory).absolute()
    here = Path.cwd()
    is_project = (here / "config.yaml").is_file() or (here / "artifacts").is_dir()
    return here if is_project else here / "output"


def _run_to_the_end(arguments: list[str], environment: dict[str, str]) -> int:
    """Snakemake's exit status. What is to end this command goes to Snakemake, which ends the run in good order."""
    readable, writable = os.pipe()
    command = [sys.executable, "-m", "cineforge.bridge.child", str(readable), *arguments]
    process = subprocess.Popen(command, env=environment, pass_fds=[readable])
    os.close(readable)
    signal.signal(signal.SIGTERM, lambda number, _frame: process.send_signal(number))
    if signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:
        signal.signal(signal.SIGHUP, lambda number, _frame: process.send_signal(number))
    try:
        while True:
            try:
                status = process.wait()
                return status if status >= 0 else 128 - status  # as a shell tells of a signal
            except KeyboardInterrupt:
                continue  # a terminal's Ctrl-C has reached Snakemake as well
    finally:
        os.close(writable)
