"""Runs that Python starts, by Snakemake's own API."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from .conftest import ROOT, Project

pytestmark = pytest.mark.e2e

TWO_RUNS = """
from pathlib import Path
from snakemake.api import ConfigSettings, DAGSettings, OutputSettings, ResourceSettings, SnakemakeApi

for stage in ("echo_source", "echo_split"):
    with SnakemakeApi(OutputSettings()) as api:
        workflow = api.workflow(
            resource_settings=ResourceSettings(cores=1),
            config_settings=ConfigSettings(config={"note": "it's", "usd": 1e-07, "nothing": None}),
            snakefile=Path("Snakefile"),
            workdir=Path(),
        )
        workflow.dag(DAGSettings(targets={f"all_{stage}"}, forcerun={stage})).execute_workflow()
"""


def test_two_runs_in_one_process_are_two_runs_each_with_its_own_end(done_echo: Project) -> None:
    done = subprocess.run(
        [sys.executable, "-c", TWO_RUNS],
        cwd=done_echo.folder,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "HOME": str(done_echo.folder)},
    )
    assert done.returncode == 0, done.stderr
    runs = json.loads(done_echo.cineforge("runs", "--directory", str(done_echo.folder), "--json"))
    assert [(run["recipe_id"], run["status"]) for run in runs] == [("echo", "done")] * 3
    assert len({run["run_id"] for run in runs}) == 3
