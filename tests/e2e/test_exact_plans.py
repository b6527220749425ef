"""Where only paid modules are unknown, a plan says call for call what the run does: pure ones it runs in scratch."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .conftest import Project
from .workshop import write_module, write_recipe

pytestmark = pytest.mark.e2e

SPLIT = {
    "stage": "split",
    "outputs": [{"type": "line", "many": True}],
    "parameters": {
        "type": "object",
        "properties": {"story": {"type": "string", "format": "source-file"}},
    },
    "pure": True,
}
SPLIT_CODE = """
def run_module(inputs, params, project_config, context):
    context.log.warning("a word for the record")
    made = {}
    for line in context.source("story").read_text().splitlines():
        name, _, text = line.partition(": ")
        made[name] = Output(data={"text": text}, rationale="one line, one member")
    return ModuleResult(outputs={"line": made})
"""
COUNT = {
    "stage": "count",
    "inputs": {"line": {"type": "line"}},
    "outputs": [{"type": "length"}],
    "pure": True,
}
COUNT_CODE = """
def run_module(inputs, params, project_config, context):
    name = context.attach("line.txt", inputs["line"].data["text"].encode())
    return ModuleResult(
        outputs={"length": Output(data=len(inputs["line"].data["text"]), files=(name,))}
    )
"""
PAINT = {
    "stage": "paint",
    "inputs": {"length": {"type": "length"}},
    "outputs": [{"type": "picture"}],
}
PAINT_CODE = """
def run_module(inputs, params, project_config, context):
    context.record_cost(model="m", estimated_cost_usd=0.5)
    seen = inputs["length"].files["line.txt"].read_text()
    return ModuleResult(outputs={"picture": Output(data=[inputs["length"].data, len(seen)])})
"""


@pytest.fixture
def film(project: Project) -> Project:
    write_module(project.folder, "split_v1", SPLIT, SPLIT_CODE)
    write_module(project.folder, "count_v1", COUNT, COUNT_CODE)
    write_module(project.folder, "paint_v1", PAINT, PAINT_CODE)
    write_recipe(
        project.folder,
        [
            {"id": "split", "module": "split_v1", "params": {"story": "story.txt"}},
            {"id": "count", "module": "count_v1", "for_each": "line", "needs": ["split"]},
            {"id": "paint", "module": "paint_v1", "for_each": "line", "needs": ["split", "count"]},
        ],
    )
    write_story(project, ant="little", bee="striped", cat="asleep")
    return project


def write_story(project: Project, **lines: str) -> None:
    text = "".join(f"{name}: {line}\n" for name, line in lines.items())
    (project.folder / "story.txt").write_text(text)


def plan(project: Project, *words: str, status: int = 1) -> dict[str, Any]:
    said = project.cineforge(
        "plan", "made", *words, "--directory", str(project.folder), "--json", status=status
    )
    found: dict[str, Any] = json.loads(said[said.index("{") :])
    return found


def names(planned: dict[str, Any], action: str = "build") -> set[str]:
    return {each["instance"] for stage in planned["stages"] for each in stage[action]}


def test_an_empty_project_is_planned_call_for_call(film: Project) -> None:
    planned = plan(film)
    assert names(planned) == {
        "split",
        *(f"{stage}/{name}" for stage in ("count", "paint") for name in ("ant", "bee", "cat")),
    }
    assert (planned["at_least"], planned["at_most"]) == (7, 7)
    film.snakemake()
    assert film.module_calls() == {"split": 1, "count": 3, "paint": 3}
    assert plan(film, status=0)["up_to_date"]
    # Also of what the run took from the plan it is known how long its jobs took.
    again = plan(film, "--force")["stages"]
    assert [each["stage"] for each in again if each["forecast"]["seconds"] is None] == []


def test_the_bill_of_an_empty_project_is_what_the_manifests_say(film: Project) -> None:
    manifest = film.folder / "modules" / "paint" / "paint_v1" / "module.yaml"
    manifest.write_text(manifest.read_text() + "estimate: {usd: 0.4, seconds: 2}\n")
    planned = plan(film)
    assert planned["forecast"]["usd"] == {"low": 1.2, "likely": 1.2, "high": 1.2}
    assert (planned["not_known"], planned["estimated"]) == ([], ["paint"])
    film.snakemake()
    said = film.cineforge(
        "plan", "made", "paint/ant", "--force", "--directory", str(film.folder), status=1
    )
    assert "$0.50" in said
    assert "estimate" not in said


def test_without_probing_no_bound_is_told_that_may_be_passed(film: Project) -> None:
    planned = plan(film, "--no-probe")
    assert planned["at_most"] is None
    paint = next(stage for stage in planned["stages"] if stage["stage"] == "paint")
    assert (paint["at_least"], paint["at_most"]) == (0, None)


def test_after_an_edit_the_plan_names_the_calls_that_the_run_makes(film: Project) -> None:
    film.snakemake()
    # The length of one line stays, that of another does not; one is new and one gone.
    write_story(film, ant="LITTLE", bee="striped!", dog="awake")
    planned = plan(film)
    assert names(planned) == {"split", "count/ant", "count/bee", "count/dog"} | {
        "paint/ant",  # the attached line is another
        "paint/bee",
        "paint/dog",
    }
    before = film.module_calls()
    film.snakemake()
    assert film.module_calls() - before == {"split": 1, "count": 3, "paint": 3}


def test_what_comes_out_as_it_was_is_kept_and_said_so_beforehand(film: Project) -> None:
    film.snakemake()
    text = (film.folder / "story.txt").read_text()
    (film.folder / "story.txt").write_text(text.rstrip("\n"))
    planned = plan(film)
    assert names(planned) == {"split"}
    assert (planned["at_least"], planned["at_most"]) == (1, 1)
    assert planned["may_turn_stale"] == []


def test_the_run_takes_what_the_plan_had_made_and_the_record_says_so(film: Project) -> None:
    plan(film)
    film.snakemake("--config", "run_id=first")
    (run,) = (film.folder / "runs").iterdir()
    state = json.loads((run / "run_state.json").read_text())
    probed = {
        (stage["stage"], each["entity"]): each["probed"]
        for stage in state["stages"]
        for each in stage["instances"]
    }
    assert probed["split", None]
    assert not probed["paint", "ant"]
    events = (run / "pipeline_events.jsonl").read_text()
    assert "a word for the record" in events
    assert "called for a plan" in (run / "logs" / "split.log").read_text()
    meta = json.loads((film.folder / "artifacts/line/ant/v0001/meta.json").read_text())
    assert meta["rationale"] == "one line, one member"
    assert not list((film.folder / ".cineforge" / "probes").glob("[!.]*"))


def test_without_probing_the_plan_is_a_range(film: Project) -> None:
    planned = plan(film, "--no-probe")
    assert names(planned) == {"split"}
    assert not (film.folder / ".cineforge" / "probes").exists()


def test_what_was_kept_and_then_damaged_is_made_again(film: Project) -> None:
    plan(film)
    for payload in (film.folder / ".cineforge" / "probes").glob("*/*/data.json"):
        payload.chmod(0o644)
        payload.write_bytes(payload.read_bytes().replace(b"t", b"T"))
    film.snakemake()
    assert film.load("line", "ant") == {"text": "little"}


def test_a_pure_module_that_fails_leaves_the_rest_unknown(film: Project) -> None:
    (film.folder / "modules/split/split_v1/main.py").write_text(
        "def run_module(inputs, params, project_config, context):\n    raise ValueError('no lines')\n"
    )
    said = film.cineforge("plan", "made", "--directory", str(film.folder), status=1)
    assert "warning: split could not be run beforehand: ValueError: no lines" in said
    assert "how many is known when split has run" in said


def test_a_module_that_is_not_pure_is_found_out(film: Project) -> None:
    code = COUNT_CODE.replace("len(inputs", "time.time_ns() + len(inputs")
    write_module(film.folder, "count_v1", COUNT, code)
    write_story(film, **{f"line_{number}": str(number) for number in range(60)})
    plan(film)
    said = film.snakemake("-k", status=1)
    assert "called twice with the same it made two kinds of length/line_" in said


def test_where_nothing_can_be_kept_the_plan_is_as_exact(film: Project) -> None:
    (film.folder / ".cineforge").mkdir()
    (film.folder / ".cineforge" / "probes").write_text("in the way")
    assert plan(film)["at_most"] == 7
    film.snakemake()
    assert film.module_calls() == {"split": 1, "count": 3, "paint": 3}
