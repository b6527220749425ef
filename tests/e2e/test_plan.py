"""`cineforge plan` says what the run then does."""

from __future__ import annotations

import json

import pytest

from .conftest import Project
from .test_echo import set_params

pytestmark = pytest.mark.e2e


def plan(project: Project, *words: str, status: int) -> dict:
    said = project.cineforge(
        "plan", "echo", *words, "--directory", str(project.folder), "--json", status=status
    )
    return json.loads(said)


def ranges(planned: dict) -> dict[str, tuple[int, int]]:
    return {each["stage"]: (each["at_least"], each["at_most"]) for each in planned["stages"]}


def test_a_finished_project_is_up_to_date_and_the_status_says_so(done_echo: Project) -> None:
    assert plan(done_echo, status=0)["up_to_date"] is True


def test_the_run_keeps_within_what_the_plan_said(done_echo: Project) -> None:
    set_params(done_echo, "echo_source", items=["a=alpha apple #red", "b=bread", "c=gamma #blue"])
    expected = ranges(plan(done_echo, status=1))
    before = done_echo.module_calls()
    done_echo.snakemake()
    calls = done_echo.module_calls() - before
    for stage, (least, most) in expected.items():
        assert least <= calls.get(stage, 0) <= most, stage
    assert plan(done_echo, status=0)["up_to_date"] is True


def test_a_plan_writes_nothing(echo: Project) -> None:
    before = echo.other_files()
    plan(echo, status=1)
    assert echo.other_files() == before


def test_a_forced_stage_is_certain_and_what_reads_it_possible(done_echo: Project) -> None:
    expected = ranges(plan(done_echo, "--forcerun", "echo_copy", status=1))
    assert expected["echo_copy"] == (3, 3)
    assert expected["echo_all"] == (0, 1)
    assert expected["echo_mirror"] == (0, 0)


def test_one_artifact_is_planned_with_just_what_it_needs(echo: Project) -> None:
    planned = plan(echo, "echo_mirror", status=1)
    assert {each["stage"] for each in planned["stages"]} == {"echo_source", "echo_mirror"}


def test_the_forecast_follows_what_was_paid_before(echo: Project) -> None:
    set_params(echo, "echo_mirror", cost_usd=0.25)
    echo.snakemake()
    planned = plan(echo, "--forcerun", "echo_mirror", status=1)
    (mirror,) = (each for each in planned["stages"] if each["stage"] == "echo_mirror")
    assert mirror["forecast"]["usd"] == {"low": 0.25, "likely": 0.25, "high": 0.25}


def test_an_unknown_target_names_the_nearest(echo: Project) -> None:
    said = echo.cineforge("plan", "echo", "echo_mirrow", "--directory", str(echo.folder), status=1)
    assert "did you mean 'echo_mirror'?" in said
