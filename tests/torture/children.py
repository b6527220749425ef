"""Processes to be killed, and commands whose end is to be looked at."""

from __future__ import annotations

import contextlib
import fcntl
import io
import json
import os
import select
import signal
import sqlite3
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from cineforge.commands.main import main
from tests.e2e import warm
from tests.patience import PATIENCE

BIN = Path(sys.executable).parent
ROOT = Path(__file__).resolve().parents[2]

#: What a child says to its parent: one line of JSON, in one write.
Say = Callable[[Any], None]


class Child:
    """A forked process doing some work. What it says reaches the parent even when it is killed a moment later."""

    def __init__(self, work: Callable[[Say], object]) -> None:
        self._heard, telling = os.pipe()
        # The parent reads only when the child has ended; a pipe of the usual size would make it wait.
        fcntl.fcntl(telling, fcntl.F_SETPIPE_SZ, 1 << 20)
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self._heard)
            self._be(work, telling)
        os.close(telling)

    @staticmethod
    def _be(work: Callable[[Say], object], telling: int) -> NoReturn:
        def say(what: Any) -> None:
            os.write(telling, json.dumps(what).encode() + b"\n")

        status = 1
        try:
            work(say)
            status = 0
        except BaseException as error:
            place = traceback.format_tb(error.__traceback__)[-1].strip()
            print(f"{type(error).__name__}: {error}, {place}", file=sys.stderr)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)

    def wait_for_a_word(self, seconds: float = PATIENCE) -> None:
        """Wait until it has said something, without taking it."""
        select.select([self._heard], [], [], seconds)

    def kill(self) -> None:
        """kill -9. Its end is awaited by `end`."""
        os.kill(self.pid, signal.SIGKILL)

    def end(self) -> tuple[int, list[Any]]:
        """Wait for the end: the exit status (negative: the signal), and all that was said."""
        _, status = os.waitpid(self.pid, 0)
        with os.fdopen(self._heard, "rb") as heard:
            return os.waitstatus_to_exitcode(status), [json.loads(line) for line in heard]


@contextlib.contextmanager
def dying_at_step(step: int) -> Iterator[None]:
    """Kill this process by kill -9 on entering or leaving the given call to the system or to SQLite."""
    passed = 0

    def at_call(_frame: object, event: str, called: object) -> None:
        nonlocal passed
        if event in ("c_call", "c_return") and _reaches_outside(called):
            passed += 1
            if passed == step:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(at_call)
    try:
        yield
    finally:
        sys.setprofile(None)


def _reaches_outside(called: object) -> bool:
    owner = getattr(called, "__self__", None)
    return getattr(called, "__module__", None) in ("posix", "fcntl") or isinstance(
        owner, sqlite3.Connection | sqlite3.Cursor | io.IOBase
    )


@dataclass(frozen=True)
class Ended:
    """How a command ended: status, and what it printed, errors included."""

    command: str
    status: int
    output: str

    def losses(self, *expected: int) -> list[str]:
        """What is wrong with the end of the command: its status, or a traceback instead of a message."""
        said = self.output.strip().splitlines()
        last = said[-1] if said else "(nothing)"
        if "Traceback" in self.output:
            return [f"{self.command} ends with a traceback: {last}"]
        if self.status not in (expected or (0,)):
            return [f"{self.command} ends with status {self.status}: {last}"]
        return []


def cineforge(*words: str) -> Ended:
    """One `cineforge` command in a process of its own, forked so as not to import everything each time."""
    with tempfile.TemporaryFile() as printed:

        def work(say: Say) -> None:
            os.dup2(printed.fileno(), 1)
            os.dup2(printed.fileno(), 2)
            sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115
            sys.stderr = open(2, "w", closefd=False)  # noqa: SIM115
            say(main(words))

        status, said = Child(work).end()
        printed.seek(0)
        output = printed.read().decode("utf-8", "replace")
    return Ended(f"cineforge {words[0]}", said[0] if said else status, output)


def run_command(words: Sequence[str], timeout: float = 300) -> Ended:
    """One real command, as a person types it."""
    done = warm.run(*words, cwd=ROOT, stderr=subprocess.STDOUT, timeout=timeout)
    return Ended(" ".join(words[:2]), done.returncode, done.stdout)


def snakemake(project: Path, *words: str) -> list[str]:
    """The words of a `snakemake` command on a project, run from the clone."""
    return [
        "snakemake",
        *words,
        "--snakefile",
        str(ROOT / "Snakefile"),
        "--directory",
        str(project),
    ]
