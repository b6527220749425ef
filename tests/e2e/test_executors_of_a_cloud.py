"""Executors that say hosts share no folder, as the one for Kubernetes does: the project is shared all the same."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from .conftest import Project, start_echo

pytestmark = pytest.mark.e2e

# Snakemake's generic executor under another name, with what the Kubernetes plugin declares of itself.
PLUGIN = """
from dataclasses import replace
from snakemake_executor_plugin_cluster_generic import Executor, ExecutorSettings, common_settings

common_settings = replace(
    common_settings,
    implies_no_shared_fs=True,
    job_deploy_sources=True,
    auto_deploy_default_storage_provider=True,
)
"""
# A job begins in an empty folder, as a pod does.
SUBMIT = 'cd {pod} && setsid bash "$1" >> {log} 2>&1 & echo $!'


def test_jobs_are_submitted_and_work_in_the_project(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plugins, pod, log = tmp_path / "plugins", tmp_path / "pod", tmp_path / "jobs.log"
    package = plugins / "snakemake_executor_plugin_cloud"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(PLUGIN, encoding="utf-8")
    pod.mkdir()
    submit = tmp_path / "submit.sh"
    text = SUBMIT.format(pod=shlex.quote(str(pod)), log=shlex.quote(str(log)))
    submit.write_text(text, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(plugins))
    monkeypatch.setenv("CINEFORGE_TEST_COLD", "1")  # plugins are found when Snakemake is imported

    echo = start_echo(project)
    echo.snakemake(
        "all_echo_source",
        "--executor=cloud",
        f"--cloud-submit-cmd=bash {shlex.quote(str(submit))}",
        f"--precommand=cd {shlex.quote(str(echo.folder))}",
        "--jobs=2",
        "--seconds-between-status-checks=1",
    )
    assert "Finished jobid" in log.read_text(encoding="utf-8"), "no job was submitted"
    assert list(pod.iterdir()) == []
    assert sum(echo.module_calls().values()) == len(
        list((echo.folder / "runs").glob("*/jobs/*.json"))
    )
    assert "Nothing to be done" in echo.snakemake("all_echo_source")
    echo.cineforge("verify", "--directory", str(echo.folder))
