"""`cineforge plan` says what the run then does."""

from __future__ import annotations

import json
import math
from typing import Any

import jsonschema
import pytest

from .conftest import Project
from .test_echo import set_params
from .test_run_command import schema

pytestmark = pytest.mark.e2e


def plan(project: Project, *words: str, status: int) -> dict[str, Any]:
    said = project.cineforge(
        "plan", "echo", *words, "--directory", str(project.folder), "--json", status=status
    )
    answer: dict[str, Any] = json.loads(said)
    return answer


def ranges(planned: dict[str, Any]) -> dict[str, tuple[int, float]]:
    """By stage, the fewest calls and the most."""
    return {
        each["stage"]: (each["at_least"], math.inf if each["at_most"] is None else each["at_most"])
        for each in planned["stages"]
    }


def stage_of(planned: dict[str, Any], stage: str) -> dict[str, Any]:
    (found,) = (each for each in planned["stages"] if each["stage"] == stage)
    answer: dict[str, Any] = found
    return answer


def test_a_finished_project_is_up_to_date_and_the_status_says_so(done_echo: Project) -> None:
    assert plan(done_echo, status=0)["up_to_date"] is True
    directory = ("--directory", str(done_echo.folder))
    assert done_echo.cineforge("plan", "echo", *directory) == "everything is up to date\n"
    part = done_echo.cineforge("plan", "echo", "echo_mirror", *directory)
    assert part == "what was asked for is up to date\n"


def test_the_run_keeps_within_what_the_plan_said(done_echo: Project) -> None:
    set_params(done_echo, "echo_source", items=["a=alpha apple #red", "b=bread", "c=gamma #blue"])
    expected = ranges(plan(done_echo, status=1))
    before = done_echo.module_calls()
    said = done_echo.snakemake()
    # What a run looks at beforehand must not become its decision: this is one when the fan-out has run.
    assert "echo_copy/b: upstream changed" in said
    assert "echo_copy/a" not in said
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


def test_a_part_of_the_recipe_is_told_with_all_that_it_may_come_to_read(done_echo: Project) -> None:
    expected = ranges(
        plan(done_echo, "echo_all", "echo_item_parts/a", "--forcerun", "echo_split", status=1)
    )
    assert expected["echo_split"] == (1, 1)
    # Gathered by echo_all, should they differ; and what hangs below one item.
    assert expected["echo_copy"] == (0, math.inf)
    assert expected["echo_parts"] == expected["echo_part_copy"] == (0, math.inf)
    assert "echo_pick" not in expected
    # Items that nobody knows today would have parts and copies of them, too.
    planned = plan(done_echo, "echo_part_copy", "echo_all", "--forcerun", "echo_split", status=1)
    waiting = {each["stage"] for each in planned["stages"] if each["waits_for"] == ["echo_split"]}
    assert waiting == {"echo_copy", "echo_parts", "echo_part_copy"}


def test_an_undo_is_planned_with_what_it_saves(echo: Project) -> None:
    set_params(echo, "echo_mirror", cost_usd=0.25)
    set_params(echo, "echo_copy", cost_usd=0.1)
    echo.snakemake()
    planned = plan(echo, "--forcerun", "echo_mirror", status=1)
    jsonschema.validate(planned, schema("plan_report"))
    mirror = stage_of(planned, "echo_mirror")
    assert mirror["forecast"]["usd"] == {"low": 0.25, "likely": 0.25, "high": 0.25}
    assert mirror["forecast"]["seconds"]["low"] > 0

    items = ["a=alpha apple #red", "b=beta berry #red #blue", "c=gamma cherry #blue"]
    set_params(echo, "echo_source", items=[*items[:2], "c=cucumber #blue"])
    first = plan(echo, status=1)
    assert stage_of(first, "echo_copy")["forecast"]["may_save_usd"] == pytest.approx(0.3)
    echo.snakemake()
    set_params(echo, "echo_source", items=items)

    planned = plan(echo, status=1)
    jsonschema.validate(planned, schema("plan_report"))
    assert (planned["at_least"], planned["at_most"]) == (0, 0)
    assert planned["forecast"]["adoption_saves_usd"] == pytest.approx(0.35)
    assert planned["forecast"]["usd"]["high"] == 0
    (copy,) = stage_of(planned, "echo_copy")["adopted"]
    assert (copy["instance"], copy["adopts"]) == ("echo_copy/c", ["echo_copy/c@1"])
    assert stage_of(planned, "echo_copy")["kept"] == 2
    said = echo.cineforge("why", "echo_mirror", "--directory", str(echo.folder))
    assert "take what the same work made before for it, and call no module" in said
    assert "that saves about $0.25" in said

    before, versions = echo.module_calls(), echo.versions()
    echo.snakemake()
    assert echo.module_calls() == before
    adopted = {
        each for stage in planned["stages"] for each in stage["adopted"] and [stage["stage"]]
    }
    gained = {name.split("/")[0] for name in echo.new_since(versions)}
    assert gained >= {"echo_source", "echo_copy", "echo_item", "echo_mirror"}
    assert adopted >= {"echo_source", "echo_copy", "echo_split", "echo_mirror"}
    assert plan(echo, status=0)["up_to_date"] is True


def test_the_plan_of_a_part_tells_what_is_adopted_on_the_way_to_it(done_echo: Project) -> None:
    items = ["a=alpha apple #red", "b=beta berry #red #blue", "c=gamma cherry #blue"]
    set_params(done_echo, "echo_source", items=[*items[:2], "c=cucumber #blue"])
    done_echo.snakemake()
    set_params(done_echo, "echo_source", items=items)

    def adopted(planned: dict[str, Any]) -> set[str]:
        return {each["instance"] for stage in planned["stages"] for each in stage["adopted"]}

    way = {"echo_source", "echo_split"}
    # Nothing of a will be made, but that is known only when what lies above it has been taken back.
    part = plan(done_echo, "echo_copy/a", status=1)
    assert (adopted(part), part["at_most"], part["up_to_date"]) == (way, 0, False)
    assert {"echo_copy", "echo_mirror", "echo_all"} <= {
        each["type"] for each in part["may_turn_stale"]
    }
    assert adopted(plan(done_echo, "echo_all", status=1)) == {*way, "echo_copy/c", "echo_all"}
    assert adopted(plan(done_echo, "--until", "echo_split", status=1)) == way
    assert adopted(plan(done_echo, "--omit-from", "echo_split", status=1)) == {
        "echo_source",
        "echo_mirror",
    }

    before, calls = done_echo.versions(), done_echo.module_calls()
    done_echo.snakemake("current/echo_copy/a.json")
    gained = {name.split("@")[0] for name in done_echo.new_since(before)}
    assert gained >= {"echo_source/_", "echo_split.members/_"}
    assert not {name for name in gained if name.startswith(("echo_copy/", "echo_mirror/"))}
    assert done_echo.module_calls() == calls


def test_a_build_that_waits_is_certain_only_if_it_was_never_done_before(done_echo: Project) -> None:
    set_params(done_echo, "echo_mirror", note="other")
    set_params(done_echo, "echo_source", text="good day")
    planned = plan(done_echo, status=1)
    mirror = stage_of(planned, "echo_mirror")
    assert (mirror["at_least"], mirror["at_most"], mirror["recalled"]) == (1, 1, [])
    done_echo.snakemake("all_echo_mirror")
    set_params(done_echo, "echo_mirror", note="")
    set_params(done_echo, "echo_source", text="hello again")
    mirror = stage_of(plan(done_echo, "echo_mirror", status=1), "echo_mirror")
    assert (mirror["at_least"], mirror["at_most"], mirror["recalled"]) == (0, 1, ["echo_mirror"])


def test_an_unknown_target_names_the_nearest(echo: Project) -> None:
    said = echo.cineforge("plan", "echo", "echo_mirrow", "--directory", str(echo.folder), status=2)
    assert "did you mean 'echo_mirror'?" in said
