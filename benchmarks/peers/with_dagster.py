"""Dagster: each run is on record in its database; a run does all of the work, whatever is there."""

from __future__ import annotations

from pathlib import Path

from benchmarks.peers.peer import Peer


class WithDagster(Peer):
    name = "dagster"
    files = ("dagster_work.py",)
    most = 100

    def __init__(self, folder: Path, scenes: int, environment: Path) -> None:
        super().__init__(folder, scenes, environment)
        self._home = folder / "home"
        self._home.mkdir()
        (self._home / "dagster.yaml").write_text("telemetry:\n  enabled: false\n")

    def command(self, operation: str, edited: int) -> list[str] | None:  # noqa: ARG002
        """From nothing alone: a run looks at nothing that an earlier one has made."""
        if operation != "cold":
            return None
        run = [self.program, "job", "execute", "-f", "dagster_work.py", "-j", "work"]
        return ["env", f"DAGSTER_HOME={self._home}", *run]
