"""What a run leaves on record: warnings, the command, costs, and what is followed live and read after a kill."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time

import pytest

from tests.e2e.run_command import events, run, state
from tests.patience import PATIENCE

from .conftest import BIN, Project
from .workshop import NOTE, write_module, write_recipe

pytestmark = pytest.mark.e2e


def test_what_a_module_warns_of_is_shown_and_on_record(bob: Project) -> None:
    story = bob.folder / "cyber_bob_ep1.fountain"
    story.write_text(story.read_text("utf-8") + "\n/* never closed\n", "utf-8")
    said = run(bob, "screenplay", "ingest", "--run-id", "one")
    assert "ingest: warning: " in said
    assert state(bob, "one")["warnings"] == len(
        [event for event in events(bob, "one") if event["type"] == "warning"]
    )
    assert state(bob, "one")["warnings"] > 0


def test_the_command_on_record_is_the_one_that_was_typed(echo: Project) -> None:
    run(echo, "echo", "echo_source", "--instrument", "--run-id", "one")
    assert state(echo, "one")["command"][:5] == [
        "cineforge",
        "run",
        "echo",
        "echo_source",
        "--instrument",
    ]


def test_instrument_records_what_each_job_took(echo: Project) -> None:
    run(echo, "echo", "echo_source", "--instrument", "--run-id", "one")
    (instance,) = next(
        each["instances"] for each in state(echo, "one")["stages"] if each["stage"] == "echo_source"
    )
    assert instance["usage"]["peak_memory_bytes"] > 1_000_000
    assert instance["usage"]["wall_seconds"] > 0
    listed = echo.cineforge("runs", "show", "one", "--directory", str(echo.folder))
    assert "peak MiB" in listed


COSTLY = {
    "stage": "paint",
    "outputs": [{"type": "picture"}, {"type": "sketch"}],
    "parameters": {"type": "object", "properties": {}},
}
COSTLY_CODE = """
def run_module(inputs, params, project_config, context):
    for _ in range(3):
        context.record_cost(model="mock", input_tokens=10, output_tokens=5, estimated_cost_usd=0.1)
    if context.attempt == 1:
        os._exit(9)
    outputs = {"picture": Output(data=1), "sketch": Output(data=2)}
    return ModuleResult(outputs=outputs)
"""


def test_costs_are_the_calls_that_were_made_each_once_failed_attempts_included(
    project: Project,
) -> None:
    write_module(project.folder, "paint_v1", COSTLY, COSTLY_CODE)
    write_recipe(project.folder, [{"id": "paint", "module": "paint_v1", "retries": 1}])
    run(project, "made", "--run-id", "one")
    run(project, "made", "--force", "--run-id", "two", status=None)
    costs = json.loads(project.cineforge("costs", "--directory", str(project.folder), "--json"))
    calls = [e["call"] for r in ("one", "two") for e in events(project, r) if e["type"] == "cost"]
    assert len(calls) == costs["total"]["calls"]
    assert costs["total"]["cost_usd"] == round(0.1 * len(calls), 10)
    assert costs["runs"]["one"] == {"calls": 6, "cost_usd": 0.6, "saved_usd": 0.0}
    meta = json.loads((project.folder / "artifacts/picture/_/v0001/meta.json").read_text())
    other = json.loads((project.folder / "artifacts/sketch/_/v0001/meta.json").read_text())
    assert len(meta["cost"]) == 3
    assert other["cost"] == []


def test_what_was_up_to_date_costs_nothing_and_counts_not_as_saved_by_the_run(
    project: Project,
) -> None:
    code = COSTLY_CODE.replace("context.attempt == 1", "False")
    write_module(project.folder, "paint_v1", COSTLY, code)
    write_recipe(project.folder, [{"id": "paint", "module": "paint_v1"}])
    run(project, "made")
    assert "saved" not in run(project, "made", "--run-id", "again")
    assert state(project, "again")["totals"]["cost_usd"] == 0
    where = ("--directory", str(project.folder))
    # By time, not by name: "again" comes before "run-...".
    assert [each["run_id"] for each in json.loads(project.cineforge("runs", *where, "--json"))][
        1
    ] == "again"
    said = project.cineforge("runs", "show", "agian", *where, status=1)
    assert "there is no run 'agian': did you mean 'again'?" in said
    assert "name a recipe, here or in config.yaml" in project.cineforge("run", status=1)


def test_events_and_state_are_followed_live_and_read_after_a_kill(project: Project) -> None:
    code = """
def run_module(inputs, params, project_config, context):
    context.record_cost(model="mock", estimated_cost_usd=0.25)
    time.sleep(600)
"""
    write_module(project.folder, "note_v1", NOTE, code)
    write_recipe(project.folder, [{"id": "write_note", "module": "note_v1"}])
    command = [str(BIN / "cineforge"), "run", "made", "--run-id", "one"]
    command += ["--directory", str(project.folder)]
    running = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    deadline = time.monotonic() + PATIENCE
    while True:
        assert time.monotonic() < deadline
        time.sleep(0.1)
        try:
            now = state(project, "one")
        except FileNotFoundError:
            continue
        if now["totals"]["instances"] == {"running": 1}:
            break
    costs = project.folder / "runs" / "one" / "logs" / "write_note.1.costs.jsonl"
    while not costs.exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()

    while True:  # Snakemake is a child of what was waited for: it may be gone a moment later
        listed = json.loads(project.cineforge("runs", "--directory", str(project.folder), "--json"))
        if listed[0]["status"] != "running" or time.monotonic() > deadline:
            break
    assert [each["status"] for each in listed] == ["interrupted"]
    assert listed[0]["finished_at"] is not None
    assert listed[0]["totals"]["cost_usd"] == 0.25
    assert events(project, "one")[-1]["type"] == "run_finished"
