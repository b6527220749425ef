"""The command that runs, and the record that it leaves."""

from __future__ import annotations

import json
from typing import Any

from .conftest import Project


def events(project: Project, run_id: str) -> list[dict[str, Any]]:
    lines = (project.folder / "runs" / run_id / "pipeline_events.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in lines.splitlines()]


def state(project: Project, run_id: str) -> dict[str, Any]:
    path = project.folder / "runs" / run_id / "run_state.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def run(project: Project, *arguments: str, status: int | None = 0) -> str:
    return project.cineforge("run", *arguments, "--directory", str(project.folder), status=status)
