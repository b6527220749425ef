"""A Slurm cluster of two nodes on this machine, on loopback, that is gone when its `with` block ends."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType
from typing import Self

from tests.slurm import processes
from tests.slurm.packages import NoCluster, program
from tests.slurm.settings import NODES, ClusterFiles, write_files

ROOT = Path(__file__).resolve().parents[2]
#: Signals that would end this process without a word: they end it through the `with` block instead.
ENDINGS = (signal.SIGTERM, signal.SIGHUP)


class Cluster:
    """munged, slurmctld and two slurmd's in the foreground, as children that do not outlive this process."""

    def __init__(self, logs: Path | None = None) -> None:
        #: Where the daemons' logs are left at the end.
        self._logs = logs
        self._daemons: dict[str, subprocess.Popen[bytes]] = {}
        self._undertaker: subprocess.Popen[bytes] | None = None
        self._before: dict[signal.Signals, object] = {}

    def __enter__(self) -> Self:
        for ending in ENDINGS:
            self._before[ending] = signal.signal(ending, _end)
        self.folder = Path(tempfile.mkdtemp(prefix="slurm-"))
        try:
            self.folder.chmod(0o755)
            self._undertaker = subprocess.Popen(
                [sys.executable, "-m", "tests.slurm.undertaker", self.folder],
                stdin=subprocess.PIPE,
                cwd=ROOT,
                start_new_session=True,
            )
            self.files: ClusterFiles = write_files(self.folder)
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def environment(self) -> Mapping[str, str]:
        """The environment for whatever talks to this cluster."""
        path = f"{self.files.commands}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
        return {**os.environ, "SLURM_CONF": str(self.files.slurm_conf), "PATH": path}

    def ask(self, *command: str) -> str:
        """The answer of one of Slurm's commands."""
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, timeout=60
        )
        if done.returncode != 0:
            raise NoCluster(f"`{' '.join(command)}` failed: {done.stderr.strip()}")
        return done.stdout

    def node_states(self) -> dict[str, str]:
        """`{"node1": "idle", ...}`, as slurmctld sees it."""
        rows = self.ask("sinfo", "--Node", "--noheader", "--format=%N %T").split("\n")
        return dict(row.split() for row in rows if row)

    def wait_for(self, what: str, so: Callable[[], bool], seconds: float = 60) -> None:
        """Wait until something is so; raise `NoCluster` with the daemons' last words when it is not."""
        end = time.monotonic() + seconds
        while not so():
            self._see_that_all_live()
            if time.monotonic() > end:
                raise NoCluster(f"{what}: not after {seconds:.0f} s\n{self._last_words()}")
            time.sleep(0.2)

    def kill_node(self, node: str) -> None:
        """The power cut: `kill -9` of a node's daemon, its steps, and everything that runs there."""
        log = self.files.log(f"slurmd.{node}")
        processes.kill(lambda: processes.of_node(self.folder, node, log))
        self._daemons.pop(f"slurmd.{node}").wait()

    def start_node(self, node: str) -> None:
        """Start a node's daemon."""
        self._run(f"slurmd.{node}", "slurmd", "-D", "-N", node)

    def stop(self) -> None:
        """Kill everything that belongs to the cluster, and remove its folder. May be called twice."""
        held = {ending: signal.signal(ending, signal.SIG_IGN) for ending in ENDINGS}
        try:
            processes.kill(lambda: processes.of_cluster(self.folder))
            for daemon in self._daemons.values():
                daemon.wait()
            if self._logs is not None:
                self._logs.mkdir(parents=True, exist_ok=True)
                for log in self.folder.glob("*.log"):
                    shutil.copy(log, self._logs)
            shutil.rmtree(self.folder, ignore_errors=True)
            if self._undertaker is not None:
                self._undertaker.communicate()
        finally:
            for ending, then in (held | self._before).items():
                signal.signal(ending, then)  # type: ignore[arg-type]
            self._before = {}

    def _start(self) -> None:
        files = self.files
        self._run(
            "munged",
            "munged",
            "--foreground",
            f"--socket={files.munge_socket}",
            f"--key-file={files.munge_key}",
            f"--pid-file={files.folder}/munge/pid",
            f"--seed-file={files.folder}/munge/seed",
            f"--log-file={files.folder}/munge/log",
        )
        self.wait_for("munged listens", files.munge_socket.exists)
        self._run("slurmctld", "slurmctld", "-D", "-f", str(files.slurm_conf))
        for node in NODES:
            self.start_node(node)
        self.wait_for("both nodes are idle", self._all_idle)

    def _run(self, name: str, daemon: str, *arguments: str) -> None:
        # In a session of its own, so that Ctrl-C reaches this process alone, which then ends them in order; and with
        # the kernel's promise that they are killed when this process is.
        command = [program("setpriv"), "--pdeathsig", "KILL", program(daemon), *arguments]
        with self.files.log(f"{name}.out").open("ab") as out:
            self._daemons[name] = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env=self.environment,
                start_new_session=True,
            )

    def _see_that_all_live(self) -> None:
        for name, daemon in self._daemons.items():
            if daemon.poll() is not None:
                raise NoCluster(
                    f"{name} ended with status {daemon.returncode}\n{self._last_words()}"
                )

    def _all_idle(self) -> bool:
        try:
            return self.node_states() == dict.fromkeys(NODES, "idle")
        except NoCluster:
            return False

    def _last_words(self) -> str:
        logs = [*sorted(self.folder.glob("*.log")), *sorted(self.folder.glob("munge/log"))]
        texts = {log: log.read_text(errors="replace").splitlines()[-8:] for log in logs}
        return "\n".join(f"  {log.name}: {line}" for log, lines in texts.items() for line in lines)


def _end(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)
