"""A pool, and calls of modules in it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cineforge.recipes.modules.module_code import read_code
from cineforge.running.workers.pool import WorkerPool
from cineforge.running.workers.spec import JobReport, JobSpec, PreviousMembers

CODE = """
import os, signal, subprocess, sys, time
from pathlib import Path

def run_module(inputs, params, project_config, context):
    here = Path(params["here"])
    (here / "worker").write_text(str(os.getpid()))
    {body}
"""


@pytest.fixture
def pool() -> Iterator[WorkerPool]:
    found = WorkerPool()
    yield found
    found.stop()


def call(
    pool: WorkerPool,
    folder: Path,
    body: str,
    timeout: float | None = None,
    check: Callable[[JobReport], None] = lambda _report: None,
    *,
    pure: bool = False,
) -> JobReport:
    """Call a module whose code is `body`. It returns nothing, so a sound call reports just that."""
    return pool.call(spec_of(folder, body, pure=pure), timeout, check)


def spec_of(folder: Path, body: str, *, pure: bool = False) -> JobSpec:
    home = folder / f"module_{abs(hash(body))}"
    home.mkdir(exist_ok=True)
    (home / "main.py").write_text(CODE.format(body=body), encoding="utf-8")
    return JobSpec(
        project=folder,
        owner="nobody",
        stage="test",
        entity=None,
        attempt=1,
        code=read_code(home),
        params={"here": str(folder)},
        sources={},
        config={},
        inputs={},
        many_inputs=frozenset(),
        outputs=(),
        previous=PreviousMembers(),
        log=folder / "job.log",
        costs=folder / "costs.jsonl",
        scratch=folder / "scratch" / str(time.monotonic_ns()),
        instrument=False,
        pure=pure,
    )


def assert_works(pool: WorkerPool, folder: Path) -> None:
    assert "returned NoneType" in call(pool, folder, "return None").failure
