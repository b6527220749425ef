"""Errors raised while deciding end the command.

Snakemake swallows ordinary exceptions of input functions when the output in question exists, and would then
say "Nothing to be done". So whatever goes wrong is logged and ends the command by `SystemExit`, which nothing
swallows.
"""

from __future__ import annotations

import functools
import os
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

from cineforge.bridge.process.signals import is_interrupted
from cineforge.bridge.snakemake.log import is_snakemakes_own, say_error
from cineforge.model.display.visible import brief
from cineforge.model.errors import CineForgeError, moved_text
from cineforge.store import layout
from cineforge.store.disk.durable import FULL, is_limit, refusal_text, refused
from cineforge.store.disk.safe_files import folder_id, is_another

#: The project that this process works in, as soon as that is known, and what tells its folder from another one.
_known: dict[Path, tuple[int, int] | None] = {}
#: Who else gets the message of an error, such as the run's record.
_listeners: list[Callable[[str], None]] = []

P = ParamSpec("P")
R = TypeVar("R")


def exit_on_error(method: Callable[P, R]) -> Callable[P, R]:
    """Log any error and end the command with status 1.

    One that C code has made of an interrupt, as Pydantic does while it builds a class, is an interrupt again.
    """

    @functools.wraps(method)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return method(*args, **kwargs)
        except Exception as error:
            moved = next(filter(None, (message_of_a_move(each, error) for each in _known)), None)
            for_users = moved or user_message(error)
            if for_users is None and is_interrupted():
                raise KeyboardInterrupt from error
            message = for_users or f"an error in CineForge itself:\n{traceback.format_exc()}"
        say_error(message)
        for listener in _listeners:
            listener(message)
        raise SystemExit(1)

    return guarded


def user_message(error: Exception) -> str | None:
    """The message of an error that is no defect of the code: one of ours, or the system refuses something."""
    if isinstance(error, CineForgeError):
        return brief(str(error))
    if not isinstance(error, OSError):
        return None
    if error.errno in FULL or is_limit(error):
        return str(refused(_here() or Path(), error))
    return refusal_text(error)


def message_of_the_system(project: Path, error: Exception) -> str | None:
    """The message of an error that Snakemake meets in a file of its own, where it is none of Snakemake's making."""
    if is_interrupted() and not is_snakemakes_own(error):
        return "stopped"
    if isinstance(error, FileNotFoundError) and (moved := message_of_a_move(project, error)):
        return moved
    return user_message(error) if isinstance(error, OSError) else None


def message_of_a_move(project: Path, error: Exception) -> str | None:
    """What to say of an error that comes of the project's being moved; None when it was not."""
    # The project may have been moved before this process asked where it is: Snakemake asked first.
    name = error.filename if isinstance(error, OSError) else None
    named = Path(os.fsdecode(name)).parents if name else ()
    worked_in = [each.parent for each in named if each.name == layout.SNAKEMAKE]
    # It may even be there again by now: whoever writes to the old place by its full name makes it anew.
    here = _here()
    gone = next((each for each in worked_in if each != here), None)
    if gone is None and is_another(project, _known.get(project)):
        gone = project
    return None if gone is None else moved_text(gone)


def _here() -> Path | None:
    """The current folder, unless it was deleted."""
    try:
        return Path.cwd()
    except FileNotFoundError:
        return None


def completed_at_exit(end: Callable[[], None]) -> Callable[[], None]:
    """`end`, for when the process exits: an error becomes a message, and the next run completes what is left."""

    def ended() -> None:
        try:
            end()
        except CineForgeError as error:
            say_error(str(error))
        except OSError as error:
            say_error(f"the run's record could not be completed ({error}): the next run does that")

    return ended


def work_in(project: Path) -> None:
    """Let errors that come of its being moved be told as that."""
    _known.clear()
    _known[project] = folder_id(project)


def on_error(listener: Callable[[str], None]) -> None:
    """Have `listener` called with the message of each error that ends the command."""
    _listeners.append(listener)
