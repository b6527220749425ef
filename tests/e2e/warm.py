"""Runs the installed `snakemake` and `cineforge` without paying for their imports each time.

`CINEFORGE_TEST_COLD=1` starts every command that is waited for as a shell would: slower by a minute of CPU per hundred.
"""

from __future__ import annotations

import atexit
import functools
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from tests.patience import PATIENCE

BIN = Path(sys.executable).parent
SERVER = Path(__file__).with_name("warm_server.py")


def run(
    *command: str,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    stderr: int = subprocess.PIPE,
    timeout: float = 300,
) -> subprocess.CompletedProcess[str]:
    """Run one of the installed scripts to its end; `stderr` as for `subprocess.run`."""
    full = [str(BIN / command[0]), *command[1:]]
    environment = dict(os.environ if env is None else env)
    if os.environ.get("CINEFORGE_TEST_COLD"):
        return subprocess.run(
            full,
            cwd=cwd,
            env=environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=stderr,
            check=False,
            timeout=timeout,
        )
    asked = json.dumps({"command": full, "cwd": str(cwd), "env": environment}).encode()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        both = stderr == subprocess.STDOUT
        descriptors = [out.fileno(), out.fileno() if both else err.fileno()]
        status = _server().ask(asked, descriptors, timeout)
        return subprocess.CompletedProcess(full, status, _text(out), None if both else _text(err))


class Started:
    """One of the installed scripts at work, both of whose outputs are collected as one."""

    def __init__(self, *command: str, cwd: Path, env: Mapping[str, str] | None = None) -> None:
        full = [str(BIN / command[0]), *command[1:]]
        environment = dict(os.environ if env is None else env)
        self._said = tempfile.TemporaryFile()  # noqa: SIM115
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        out = self._said.fileno()
        with theirs:
            asked = {"command": full, "cwd": str(cwd), "env": environment}
            _server().start(json.dumps(asked).encode(), [out, out, theirs.fileno()])
        self._line.settimeout(PATIENCE)
        self.pid = int(self._line.recv(64))
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """The exit status, if it has ended."""
        if self.returncode is None and select.select([self._line], [], [], 0)[0]:
            self._wait()
        return self.returncode

    def end(self) -> tuple[int, str]:
        """Wait for its end: the exit status, and all that was printed."""
        status = self._wait() if self.returncode is None else self.returncode
        said = _text(self._said)
        self._said.close()
        return status, said

    def _wait(self) -> int:
        self.returncode = int(self._line.recv(64))
        self._line.close()
        return self.returncode


def _text(stream: IO[bytes]) -> str:
    stream.seek(0)
    return stream.read().decode("utf-8")


class _Server:
    """The warm process and this end of the line to it."""

    def __init__(self) -> None:
        self._channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = [sys.executable, str(SERVER), str(theirs.fileno())]
        self._process = subprocess.Popen(
            command,
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        theirs.close()
        atexit.register(self.close)

    def start(self, message: bytes, descriptors: list[int]) -> None:
        """Begin a command. What becomes of it is told on the last of the descriptors."""
        socket.send_fds(self._channel, [message], descriptors)

    def ask(self, message: bytes, descriptors: list[int], timeout: float) -> int:
        """The exit status of one command."""
        self._channel.settimeout(timeout)
        try:
            socket.send_fds(self._channel, [message], descriptors)
            status: int = json.loads(self._channel.recv(64))
        except TimeoutError:
            _server.cache_clear()
            os.killpg(self._process.pid, signal.SIGKILL)
            raise
        return status

    def close(self) -> None:
        self._channel.close()
        self._process.wait()


@functools.cache
def _server() -> _Server:
    return _Server()
