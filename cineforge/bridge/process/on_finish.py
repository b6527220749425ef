"""The command that is to hear how a run ended. It gets the run's summary as JSON on its standard input."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cineforge.history.run_files import runs_folder
from cineforge.history.summarize_run import run_summary
from cineforge.model.errors import CineForgeError
from cineforge.recipes.reading.project_file import read_config
from cineforge.recipes.reading.typed_values import ON_FINISH as KEY
from cineforge.recipes.reading.typed_values import command_words
from cineforge.store.layout import CONFIG_FILE, EVENTS_FILE

if TYPE_CHECKING:
    from pydantic import JsonValue

#: A command that takes longer is ended: a run is not to hang on who hears of it.
SECONDS = 300


def configured(config: Mapping[str, JsonValue], project: Path) -> list[str] | None:
    """The command that a project's configuration names, if any. Raises CineForgeError."""
    value = config.get(KEY)
    if value is None:
        return None
    try:
        return command_words(value)
    except CineForgeError as error:
        # Files of --configfile were looked through when they were read.
        of_project = read_config(project).get(KEY) == value
        where = f"{CONFIG_FILE}: {KEY}" if of_project else f"--config {KEY}"
        raise CineForgeError(f"{where}: {error}") from None


def tell_finished(
    project: Path, run_id: str, words: Sequence[str], folder: Path, complain: Callable[[str], None]
) -> None:
    """Run a command in a folder and give it the summary. What becomes of it is told, and changes nothing.

    Nothing is done for a run that left no record: it was refused before it began.
    """
    if not (runs_folder(project) / run_id / EVENTS_FILE).exists():
        return
    name = shlex.join(words)
    try:
        text = run_summary(project, run_id).model_dump_json(indent=1)
        # In a group of its own: who ends the run more than once, with all its group, does not mean who hears of that.
        done = subprocess.run(
            list(words),
            input=text.encode(),
            cwd=folder,
            check=False,
            timeout=SECONDS,
            process_group=0,
        )
    except subprocess.TimeoutExpired:
        complain(f"{KEY}: '{name}' was ended: it took more than {SECONDS} seconds")
    except (CineForgeError, OSError, ValueError) as error:
        complain(f"{KEY}: '{name}' could not be run: {error}")
    except KeyboardInterrupt:
        complain(f"{KEY}: '{name}' was interrupted")
    else:
        if done.returncode:
            complain(f"{KEY}: '{name}' ended with status {done.returncode}")
