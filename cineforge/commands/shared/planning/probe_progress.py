"""The line that says what a plan is waiting for."""

from __future__ import annotations

import sys
import time

from cineforge.deciding.instance import Instance

_SILENT_SECONDS = 2.0
_EVERY_SECONDS = 0.5
_BACK_TO_START = "\r\x1b[K"


class ProbeProgress:
    """Tells the calls of a plan: nothing in the first two seconds, then, on a terminal, one line that changes."""

    def __init__(self) -> None:
        self._next = time.monotonic() + _SILENT_SECONDS
        self._is_shown = False

    def __call__(self, instance: Instance, count: int) -> None:
        now = time.monotonic()
        if now >= self._next and sys.stderr.isatty():
            self._next = now + _EVERY_SECONDS
            self._is_shown = True
            self._write(f"running pure modules in scratch: {instance} ({count + 1})")

    def clear(self) -> None:
        """Take the line away."""
        if self._is_shown:
            self._write("")

    @staticmethod
    def _write(text: str) -> None:
        print(f"{_BACK_TO_START}{text}", end="", file=sys.stderr, flush=True)
