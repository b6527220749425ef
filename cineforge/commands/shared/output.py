"""What commands print: everything passes here, and is shown rather than obeyed by the terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO, cast

from cineforge.model.display.visible import VisibleStream
from cineforge.running.workers.processes.standard_streams import open_closed_streams


@contextmanager
def shown() -> Iterator[None]:
    """Within it, stdout and stderr show control characters instead of sending them."""
    open_closed_streams()
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = map(_showing, ("stdout", "stderr"))
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def drawing_on(stream: TextIO) -> TextIO:
    """The stream beneath, for what draws on a terminal and sees to its text itself."""
    return stream.beneath if isinstance(stream, VisibleStream) else stream


def silence_stdout() -> None:
    """Drop what could not be written: Python would complain once more when it flushes at exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def _showing(name: str) -> Any:
    return cast("TextIO", VisibleStream(getattr(sys, name)))
