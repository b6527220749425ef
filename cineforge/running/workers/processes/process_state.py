"""What a module finds of its process: the same at each call, whatever the calls before it have changed.

A worker makes many calls. Where one of them changed the working folder or the environment, say, the next would come
out otherwise than by itself, and be sealed as if it had not. What a module changes while it is imported is its own,
and there at all of its calls. Not put back is what a module changes in the code of others or of Python's, and what
threads do that it leaves behind.
"""

from __future__ import annotations

import builtins
import os
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from cineforge.recipes.modules.module_code import PythonCode
from cineforge.running.workers.loader import loaded_module

#: Those that a module may have a reason to handle, or to ignore.
_SIGNALS = tuple(
    getattr(signal, name)
    for name in [
        "SIGHUP",
        "SIGINT",
        "SIGTERM",
        "SIGALRM",
        "SIGCHLD",
        "SIGPIPE",
        "SIGUSR1",
        "SIGUSR2",
    ]
    if hasattr(signal, name)
)


@dataclass(frozen=True)
class ProcessState:
    """All that is put back."""

    built_in: Mapping[str, Any]
    folder: str
    umask: int
    environment: Mapping[str, str]
    search_path: tuple[str, ...]
    handlers: Mapping[int, Any]
    depth: int

    @classmethod
    def now(cls) -> ProcessState:
        return cls(
            vars(builtins).copy(),
            _folder(),
            _umask(),
            os.environ.copy(),
            tuple(sys.path),
            {number: signal.getsignal(number) for number in _SIGNALS},
            sys.getrecursionlimit(),
        )

    def restore(self) -> None:
        """Have the process as it was. What cannot be put back stays."""
        # First what all else is said with: none of it may be needed for that.
        present = builtins.__dict__
        if present != self.built_in:
            for name in [*present]:
                if name not in self.built_in:
                    del present[name]
            present.update(self.built_in)
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in self.handlers.items():
            if handler is not None and signal.getsignal(number) is not handler:
                signal.signal(number, handler)
        if self.folder and _folder() != self.folder:
            with suppress(OSError):  # the project was moved, say
                os.chdir(self.folder)
        os.umask(self.umask)
        if os.environ != self.environment:
            os.environ.clear()
            os.environ.update(self.environment)
        if sys.path != [*self.search_path]:
            sys.path[:] = self.search_path
        sys.setrecursionlimit(self.depth)


class _States:
    """Of this process: as it began, and as the import of each module left it."""

    begun: ProcessState | None = None
    imported: dict[PythonCode, ProcessState] = {}  # noqa: RUF012  # there is one of it


def note_beginning() -> None:
    """From here on this process is put back for each call. For workers."""
    _States.begun = ProcessState.now()


def module_alone(code: PythonCode) -> ModuleType:
    """A module, in the process as its import left it. Raises what `loaded_module` raises."""
    if _States.begun is None:
        return loaded_module(code)
    if (state := _States.imported.get(code)) is not None:
        state.restore()
        return loaded_module(code)
    module = loaded_module(code)
    _States.imported[code] = ProcessState.now()
    return module


def put_back() -> None:
    """After a call: the process is as it began."""
    if _States.begun is not None:
        _States.begun.restore()


def _folder() -> str:
    try:
        return os.getcwd()  # noqa: PTH109  # an empty one for one that is gone
    except OSError:
        return ""


def _umask() -> int:
    found = os.umask(0o077)
    os.umask(found)
    return found
