"""A small project, and runs in it without Snakemake and without worker processes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cineforge.running import execute
from cineforge.running.workers.spec import JobReport, JobSpec
from tests.in_this_process import InThisProcess

from .film import Film


@pytest.fixture
def film(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Film:
    monkeypatch.setattr(execute, "WorkerPool", InThisProcess)
    made = Film(tmp_path / "film", [], [])
    made.write()
    return made


@pytest.fixture
def during(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], object]]:
    """What people do while the next module is called."""
    doing: list[Callable[[], object]] = []
    call = InThisProcess.call

    def call_meanwhile(self: InThisProcess, spec: JobSpec, *more: Any) -> JobReport:
        while doing:
            doing.pop()()
        return call(self, spec, *more)

    monkeypatch.setattr(InThisProcess, "call", call_meanwhile)
    return doing
