"""The command that is to hear how a run ended. It gets the run's summary as JSON on its standard input."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from cineforge.history.run_files import runs_folder
from cineforge.history.summarize_run import run_summary
from cineforge.model.errors import CineForgeError
from cineforge.store.layout import EVENTS_FILE

#: The key in config.yaml.
KEY = "on_finish"
#: A command that takes longer is ended: a run is not to hang on who hears of it.
SECONDS = 300


def command_words(value: object, where: str) -> list[str]:
    """The words of a command: a text is split as a shell would, a list taken as it is. No shell is started.

    Raises CineForgeError for what is neither; `where` says who gave it.
    """
    if isinstance(value, str):
        try:
            words = shlex.split(value)
        except ValueError as error:
            raise CineForgeError(f"{where}: {error}: quote the words as for a shell") from None
    elif isinstance(value, list) and all(isinstance(each, str) for each in value):
        words = list(value)
    else:
        raise CineForgeError(f"{where}: write a command, as text or as a list of its words")
    if not words or not words[0]:
        raise CineForgeError(f"{where}: there is no command: leave it out, or write one")
    return words


def configured(config: Mapping[str, Any]) -> list[str] | None:
    """The command that a project's configuration names, if any. Raises CineForgeError."""
    value = config.get(KEY)
    return None if value is None else command_words(value, f"config.yaml: {KEY}")


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
        done = subprocess.run(
            list(words), input=text.encode(), cwd=folder, check=False, timeout=SECONDS
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
