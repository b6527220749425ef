"""A process that has imported Snakemake and CineForge once, and forks itself for every command asked for.

Each command still is a process of its own that runs the installed script with its own arguments, folder,
environment and output; only the second that Python needs to import Snakemake is spent once. `warm.py` asks.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import pkgutil
import runpy
import socket
import sys
import threading
import weakref
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any


def serve(channel: socket.socket) -> None:
    """Answer until the tests are gone. Returns in the child, which then is the command."""
    while True:
        message, descriptors, _, _ = socket.recv_fds(channel, 1 << 20, 2)
        if not message:
            os._exit(0)
        child = os.fork()
        if child == 0:
            channel.close()
            become(json.loads(message), descriptors)
            return
        for descriptor in descriptors:
            os.close(descriptor)
        _, status = os.waitpid(child, 0)
        channel.send(json.dumps(os.waitstatus_to_exitcode(status)).encode())


def become(asked: dict[str, Any], descriptors: list[int]) -> None:
    """Take on what a started program gets from its parent."""
    for target, descriptor in zip((1, 2), descriptors, strict=True):
        os.dup2(descriptor, target)
    for descriptor in descriptors:
        os.close(descriptor)
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["env"])
    sys.argv = asked["command"]
    sys.path[0] = str(Path(sys.argv[0]).parent)
    if sys.argv[1:2] == ["run"]:
        # `cineforge run` starts Snakemake in a process of its own, which then is a fork as well.
        run = importlib.import_module("cineforge.commands.shared.run_process")
        setattr(run, "subprocess", SimpleNamespace(Popen=ForkedModule))  # noqa: B010


class ForkedModule:
    """What `subprocess.Popen([python, "-m", MODULE, ...], env=..., pass_fds=...)` starts, without Python's start."""

    def __init__(
        self, command: list[str], env: Mapping[str, str], pass_fds: Sequence[int] = ()
    ) -> None:
        sys.stdout.flush()
        self.pid = os.fork()
        if self.pid:
            return
        for finalizer in list(weakref.finalize._registry):  # type: ignore[attr-defined]
            finalizer.detach()  # the parent's folders are the parent's
        for descriptor in [int(each.name) for each in Path("/proc/self/fd").iterdir()]:
            if descriptor > 2 and descriptor not in pass_fds:
                with suppress(OSError):
                    os.close(descriptor)
        os.environ.clear()
        os.environ.update(env)
        os._exit(run_as_module(command[2], command[2:]))

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def wait(self) -> int:
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def run_as_module(module: str, words: list[str]) -> int:
    """`python -m` in this process, to its end; the exit status."""
    status = 1
    sys.argv = words
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    # What Python does at its end.
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    return status


def warm_up() -> None:
    """Import what the commands import."""
    importlib.import_module("snakemake.cli")
    importlib.import_module("cineforge.bridge.entry")
    importlib.import_module("cineforge.bridge.prepare")
    commands = importlib.import_module("cineforge.commands")
    for module in pkgutil.iter_modules(commands.__path__, "cineforge.commands."):
        importlib.import_module(module.name)
    gc.freeze()


if __name__ == "__main__":
    warm_up()
    serve(socket.socket(fileno=int(sys.argv[1])))
    runpy.run_path(sys.argv[0], run_name="__main__")
