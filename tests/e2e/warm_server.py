"""A process that has imported Snakemake and CineForge once, and forks itself for every command asked for.

Each command still is a process of its own that runs the installed script with its own arguments, folder,
environment and output; only the second that Python needs to import Snakemake is spent once. `warm.py` asks.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import pkgutil
import runpy
import socket
import sys
import tempfile
import weakref
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from cineforge.bridge.process.forked_child import to_the_end


def serve(channel: socket.socket) -> None:
    """Answer until the tests are gone. Returns in the child, which then is the command."""
    while True:
        message, descriptors, _, _ = socket.recv_fds(channel, 1 << 20, 3)
        if not message:
            os._exit(0)
        with suppress(ChildProcessError):  # those that were started and told of their end
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        in_background = len(descriptors) == 3
        child = os.fork()
        if child == 0:
            channel.close()
            if in_background:
                tell_of_child(socket.socket(fileno=descriptors.pop()))
            become(json.loads(message), descriptors)
            return
        for descriptor in descriptors:
            os.close(descriptor)
        if in_background:
            continue
        _, status = os.waitpid(child, 0)
        channel.send(json.dumps(os.waitstatus_to_exitcode(status)).encode())


def tell_of_child(line: socket.socket) -> None:
    """Say the process id of a fork, and then how it ended. Returns in the fork, which then is the command."""
    child = os.fork()
    if child == 0:
        line.close()
        return
    os.closerange(1, 3)
    line.send(json.dumps(child).encode())
    _, status = os.waitpid(child, 0)
    with suppress(OSError):
        line.send(json.dumps(os.waitstatus_to_exitcode(status)).encode())
    os._exit(0)


def become(asked: dict[str, Any], descriptors: list[int]) -> None:
    """Take on what a started program gets from its parent."""
    for target, descriptor in zip((1, 2), descriptors, strict=True):
        os.dup2(descriptor, target)
    for descriptor in descriptors:
        os.close(descriptor)
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["env"])
    tempfile.tempdir = None
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
    sys.argv = words
    return to_the_end(partial(runpy.run_module, module, run_name="__main__", alter_sys=True))


def run_as_script() -> int:
    """The script that `sys.argv` names in this process, to its end; the exit status."""
    return to_the_end(partial(runpy.run_path, sys.argv[0], run_name="__main__"))


#: What is imported only as nearly every command goes on, by Snakemake and by us.
AS_IT_GOES = (
    "argparse_dataclass",
    "encodings.utf_8_sig",
    "graphlib",
    "jsonschema",
    "jsonschema_rs.canonical.schema",
    "multiprocessing.popen_forkserver",
    "multiprocessing.resource_tracker",
    "multiprocessing.synchronize",
    "pebble",
    "platformdirs.unix",
    "smart_open",
    "snakemake.assets",
    "snakemake.cli",
    "snakemake.executors.local",
    "snakemake.profiles",
    "snakemake.report.html_reporter",
    "snakemake.storage",
    "snakemake_logger_plugin_cineforge",
)

#: What no command imports, what is run as a script, and what makes something else of the process that imports it.
NOT_IN_COMMANDS = (
    "cineforge.__main__",
    "cineforge.bridge.process.child",
    "cineforge.recipes.generate",
    "cineforge.running.workers.processes.fork_server",
    "cineforge.ui",
)


def warm_up() -> None:
    """Import what the commands import, also what they leave until it is needed."""
    for name in AS_IT_GOES:
        importlib.import_module(name)
    cineforge = importlib.import_module("cineforge")
    for module in pkgutil.walk_packages(cineforge.__path__, "cineforge."):
        if not module.name.startswith(NOT_IN_COMMANDS):
            importlib.import_module(module.name)
    # Has the plugins found, which stay as they are: each command goes on from there.
    importlib.import_module("snakemake.cli").get_argument_parser()
    gc.freeze()


if __name__ == "__main__":
    warm_up()
    serve(socket.socket(fileno=int(sys.argv[1])))
    os._exit(run_as_script())
