"""A run leaves the groups of its jobs where a job's own process finds them."""

from __future__ import annotations

from pathlib import Path

from cineforge.bridge.remote.run_folder import load_groups, save_workflow


def test_a_job_knows_the_groups_of_its_run_whatever_the_executor_passes_on(tmp_path: Path) -> None:
    groups = {"greet": "pair", "sing": "pair"}
    save_workflow(tmp_path, tmp_path / "none.smk", {}, groups)

    assert load_groups(tmp_path) == groups
