"""The log of one job: what its module logs and prints, down to C code's output, and what it warns of."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from cineforge.store.disk.safe_files import open_append

WARNINGS_SHOWN = 10


class Warnings(logging.Handler):
    """Keeps what a module warns of, for the run's record."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno == logging.WARNING:
            self._texts.append(record.getMessage())

    def texts(self) -> tuple[str, ...]:
        """The first few, and how many more there are."""
        more = len(self._texts) - WARNINGS_SHOWN
        tail = [f"... and {more} more warnings in the log"] if more > 0 else []
        return (*self._texts[:WARNINGS_SHOWN], *tail)


@contextlib.contextmanager
def logging_to(path: Path, label: str, warnings: logging.Handler) -> Iterator[logging.Logger]:
    """A logger into the job's file; whatever the module prints lands there too, down to C code's output."""
    with _private(path) as stream, _descriptors_to(stream.fileno()):
        handler = logging.StreamHandler(stream)
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        # One that `logging` knew by its name would stay, and the next look through all that there were.
        log = logging.Logger(f"cineforge.job.{label}", logging.DEBUG)
        log.manager = logging.Manager(log)  # type: ignore[arg-type]  # so that it has children of its own
        log.addHandler(handler)
        log.addHandler(warnings)
        try:
            yield log
        finally:
            log.removeHandler(handler)
            log.removeHandler(warnings)


def _private(path: Path) -> TextIO:
    """A log that nobody else may read: a module may print the keys that it was given."""
    descriptor = open_append(path, 0o600)
    return os.fdopen(descriptor, "a", encoding="utf-8", buffering=1)


@contextlib.contextmanager
def _descriptors_to(target: int) -> Iterator[None]:
    sys.stdout.flush()
    sys.stderr.flush()
    saved = os.dup(1), os.dup(2)
    os.dup2(target, 1)
    os.dup2(target, 2)
    try:
        yield
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        for descriptor, original in zip((1, 2), saved, strict=True):
            os.dup2(original, descriptor)
            os.close(original)
