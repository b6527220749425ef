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
from pathlib import Path
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
