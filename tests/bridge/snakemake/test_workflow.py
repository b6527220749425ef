"""What CineForge reads from Snakemake's settings, and what it changes in them."""

from __future__ import annotations

import importlib
from types import SimpleNamespace
from typing import Any

import pytest
from snakemake import cli
from snakemake.exceptions import CliException
from snakemake.settings.types import ConfigSettings, DAGSettings, GroupSettings

from cineforge.bridge.snakemake.workflow import SnakemakeRun


def workflow(**changed: Any) -> SimpleNamespace:
    """The settings of `snakemake -c4` on this machine, changed."""
    settings: dict[str, Any] = {
        "dag_settings": DAGSettings(),
        "group_settings": GroupSettings(),
        "resource_settings": SimpleNamespace(cores=4, nodes=None),
        "execution_settings": SimpleNamespace(keep_going=False),
        "executor_plugin": object(),
        "local_exec": True,
        "dryrun": False,
        "touch": False,
    }
    return SimpleNamespace(**settings | changed)


@pytest.mark.parametrize(
    ("changed", "executing", "remote"),
    [
        ({}, True, False),
        ({"dryrun": True}, False, False),
        ({"executor_plugin": None}, False, False),
        ({"local_exec": False}, True, True),
        ({"local_exec": False, "dryrun": True}, False, False),
    ],
)
def test_a_command_runs_jobs_here_or_elsewhere_or_only_looks(
    changed: dict[str, Any], executing: bool, remote: bool
) -> None:
    command = SnakemakeRun(workflow(**changed)).command()

    assert (command.executing, command.remote) == (executing, remote)


def test_groups_count_only_for_what_is_executed() -> None:
    grouped = GroupSettings(overwrite_groups={"greet": "pair"})

    assert SnakemakeRun(workflow(group_settings=grouped)).command().groups == {"greet": "pair"}
    assert not SnakemakeRun(workflow(group_settings=grouped, dryrun=True)).command().groups


def test_jobs_submitted_as_one_are_one_job_again() -> None:
    submitted = workflow()

    SnakemakeRun(submitted).join_groups({"greet": "pair", "sing": "pair"})

    assert submitted.group_settings.overwrite_groups == {"greet": "pair", "sing": "pair"}
    # All members are one group, though nothing connects them and the run made batches of any size.
    assert submitted.group_settings.group_components["pair"] > 10_000


def test_values_are_read_as_typed_and_those_of_python_are_what_they_are() -> None:
    typed = ["usd=1e3", "note='it'"]
    by_python = ConfigSettings(config={"usd": 1e-07, "note": "it's", "nothing": None})
    by_command = ConfigSettings(config={"usd": 1000.0, "note": "it"}, config_args=typed)

    assert SnakemakeRun(workflow(config_settings=by_command)).typed_config() == tuple(typed)
    assert SnakemakeRun(workflow(config_settings=by_python)).typed_config() == ()


def test_a_wrong_word_of_the_configuration_is_told_without_a_traceback() -> None:
    importlib.import_module("snakemake_logger_plugin_cineforge")  # as Snakemake does at its start

    for word, told in (("n=3", "'n' is no name"), ("story", "write NAME=VALUE")):
        with pytest.raises(CliException, match=f"--config {word}: {told}"):
            cli.parse_config(["usd=1", word])
    assert cli.parse_config(["usd=1"]) == {"usd": 1}
