"""A small project, and runs in it without Snakemake and without worker processes."""

from __future__ import annotations

from pathlib import Path

import pytest

from cineforge.running import execute
from tests.in_this_process import InThisProcess

from .film import Film


@pytest.fixture
def film(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Film:
    monkeypatch.setattr(execute, "WorkerPool", InThisProcess)
    made = Film(tmp_path / "film", [], [])
    made.write()
    return made
