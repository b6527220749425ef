"""A batch that was submitted as one job is one job again in the process that was submitted."""

from __future__ import annotations

from pathlib import Path

from snakemake.settings.types import GroupSettings

from cineforge.bridge.detached_session import freeze_workflow, join_groups


def test_a_job_knows_the_groups_of_its_run_whatever_the_executor_passes_on(tmp_path: Path) -> None:
    freeze_workflow(tmp_path, tmp_path / "none.smk", {}, {"greet": "pair", "sing": "pair"})
    settings = GroupSettings()

    join_groups(settings, tmp_path)

    assert settings.overwrite_groups == {"greet": "pair", "sing": "pair"}
    # All members are one group, though nothing connects them and the run made batches of any size.
    assert settings.group_components["pair"] > 10_000


def test_without_groups_nothing_is_joined(tmp_path: Path) -> None:
    freeze_workflow(tmp_path, tmp_path / "none.smk", {}, {})
    settings = GroupSettings()

    join_groups(settings, tmp_path)

    assert (settings.overwrite_groups, settings.group_components) == ({}, {})
