"""Errors raised while deciding end the command.

Snakemake swallows ordinary exceptions of input functions when the output in question exists, and would then
say "Nothing to be done". So whatever goes wrong is logged and ends the command by `SystemExit`, which nothing
swallows.
"""

from __future__ import annotations

import functools
import traceback
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from snakemake.logging import logger

from cineforge.model.errors import CineForgeError

P = ParamSpec("P")
R = TypeVar("R")


def ending_the_command(method: Callable[P, R]) -> Callable[P, R]:
    """Log any error and end the command with status 1."""

    @functools.wraps(method)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return method(*args, **kwargs)
        except CineForgeError as error:
            logger.error(str(error))
        except Exception:
            logger.error(f"an error in CineForge itself:\n{traceback.format_exc()}")
        raise SystemExit(1)

    return guarded
