"""Runs through Snakemake's Slurm executor, watched until they end."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.slurm.cluster import Cluster

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
PROFILE = ROOT / "profiles" / "slurm"
#: The profile asks a big cluster now and then; the test's own may be asked every second. The account is not looked at.
QUICK = (
    "--slurm-status-command=squeue",
    "--slurm-init-seconds-before-status-checks=1",
    "--latency-wait=10",
    "--default-resources",
    "mem_mb=200",
    "runtime=10",
    "slurm_account=film",
)


class StoryFailed(Exception):
    """What should have come true did not."""


def expect(so: bool, what: str) -> None:
    """Raise `StoryFailed` unless it is so; say that it is."""
    if not so:
        raise StoryFailed(what)
    print(f"  holds: {what}", flush=True)


class Run:
    """`snakemake` in a folder, on the cluster. Its output goes to a file."""

    def __init__(
        self,
        cluster: Cluster,
        folder: Path,
        arguments: Sequence[str | Path],
        **variables: str,
    ) -> None:
        self.output = folder / "snakemake_output.txt"
        command = [BIN / "snakemake", "--workflow-profile", PROFILE, *arguments, *QUICK]
        print(f"$ snakemake {' '.join(str(word) for word in command[1:])}", flush=True)
        with self.output.open("ab") as out:
            self._process = subprocess.Popen(
                command,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env={**cluster.environment, **variables},
            )

    def wait(self, step: Callable[[], None] | None = None, seconds: float = 1800) -> int:
        """Wait for its end, calling `step` now and then; the exit status."""
        end = time.monotonic() + seconds
        try:
            while (status := self._process.poll()) is None:
                if time.monotonic() > end:
                    raise StoryFailed(
                        f"snakemake did not end within {seconds:.0f} s\n{self.tail()}"
                    )
                if step is not None:
                    step()
                time.sleep(0.3)
            return status
        finally:
            if self._process.poll() is None:
                self._process.kill()
                self._process.wait()

    def tail(self, lines: int = 60) -> str:
        """The last lines it said."""
        return "\n".join(self.output.read_text(errors="replace").splitlines()[-lines:])


class LostNode:
    """Kills the node where some work is under way, once; brings it back when slurmctld has given it up."""

    def __init__(self, cluster: Cluster, choose: Callable[[], str | None]) -> None:
        self.node: str | None = None
        self.back = False
        self._cluster = cluster
        self._choose = choose

    def step(self) -> None:
        """To be called again and again while a run goes on."""
        if self.node is None:
            self.node = self._choose()
            if self.node is not None:
                print(f"  kill -9 of everything on {self.node}", flush=True)
                self._cluster.kill_node(self.node)
        elif not self.back and "down" in self._cluster.node_states()[self.node]:
            print(f"  slurmctld has given {self.node} up; it is started again", flush=True)
            self._cluster.start_node(self.node)
            self.back = True
