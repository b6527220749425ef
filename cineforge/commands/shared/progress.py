"""A line that tells how far a command is."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TypeVar

from cineforge.commands.shared.output import drawing_on

Step = TypeVar("Step")


def tracked(steps: Iterable[Step], what: str, total: int) -> Iterable[Step]:
    """The steps; while they are gone through a line goes by on a terminal, and is gone at the end."""
    from rich.console import Console
    from rich.progress import track

    return track(
        steps,
        what,
        total=total,
        console=Console(file=drawing_on(sys.stderr)),
        disable=not sys.stderr.isatty(),
        transient=True,
    )
