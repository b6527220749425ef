"""`cineforge run`, and what it leaves on record."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tests.patience import PATIENCE

from . import warm
from .conftest import BIN, ROOT, Project
from .workshop import NOTE, write_module, write_recipe

pytestmark = pytest.mark.e2e


def schema(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        (ROOT / "schemas" / f"{name}.schema.json").read_text(encoding="utf-8")
    )
    return found


def events(project: Project, run_id: str) -> list[dict[str, Any]]:
    lines = (project.folder / "runs" / run_id / "pipeline_events.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in lines.splitlines()]


def state(project: Project, run_id: str) -> dict[str, Any]:
    path = project.folder / "runs" / run_id / "run_state.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def run(project: Project, *arguments: str, status: int | None = 0) -> str:
    return project.cineforge("run", *arguments, "--directory", str(project.folder), status=status)


def test_a_mistyped_option_is_told_in_one_line_with_the_nearest(echo: Project) -> None:
    for words, said in {
        ("--stael",): "cineforge run: there is no option --stael, did you mean --stale?",
        (
            "--kep-going",
            "--xyzzy=1",
        ): "no option --kep-going, did you mean --keep-going?; there is no",
        ("--retries", "many"): "cineforge run: argument --retries",
    }.items():
        told = run(echo, "echo", *words, status=2)
        assert said in told
        assert len(told.splitlines()) == 1
        assert echo.versions() == {}


@pytest.mark.parametrize("option", ["--run-id", "--start-from", "--directory", "--on-finish"])
def test_the_next_option_is_nobodys_value(echo: Project, option: str) -> None:
    for words in ((option,), (option, "--directory", str(echo.folder))):
        said = echo.cineforge("run", "echo", *words, status=1)
        assert said == f"cineforge: {option} needs a value\n"
    assert not (echo.folder / "runs").exists()


def test_a_run_outside_a_project_leaves_its_artifacts_and_a_valid_record(tmp_path: Path) -> None:
    recipe = str(ROOT / "recipes/echo.yaml")
    done = warm.run("cineforge", "run", recipe, "--run-id", "test-001", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "run test-001 is done" in done.stdout
    output = Project(tmp_path / "output")
    assert (output.folder / "current/echo_all/_.json").is_file()
    recorded = state(output, "test-001")
    jsonschema.validate(recorded, schema("run_state"))
    of_an_event = jsonschema.Draft202012Validator(schema("pipeline_event"))
    for event in events(output, "test-001"):
        of_an_event.validate(event)
    kinds = [event["type"] for event in events(output, "test-001")]
    assert kinds[0] == "run_started"
    assert kinds[-1] == "run_finished"
    assert {"decided", "stage_started", "job_started", "job_finished", "published"} <= set(kinds)
    assert [event["seq"] for event in events(output, "test-001")] == list(range(1, len(kinds) + 1))
    stages = yaml.safe_load(Path(recipe).read_text(encoding="utf-8"))["stages"]
    assert [each["stage"] for each in recorded["stages"]] == [stage["id"] for stage in stages]


def test_a_run_id_that_is_taken_or_no_name_is_refused(echo: Project) -> None:
    run(echo, "echo", "--run-id", "one")
    assert "there is a run 'one' already" in run(echo, "echo", "--run-id", "one", status=1)
    assert "not a valid name" in run(echo, "echo", "--run-id", "../one", status=1)


def test_a_dry_run_leaves_nothing(echo: Project) -> None:
    before = echo.other_files()
    assert "echo_source: never built" in run(echo, "echo", "--dry-run")
    assert echo.other_files() == before


def test_a_dry_run_with_a_name_leaves_a_record_that_is_marked_and_nothing_else(
    echo: Project,
) -> None:
    run(echo, "echo", "--dry-run", "--run-id", "before")
    recorded = state(echo, "before")
    assert (recorded["dry"], recorded["status"]) == (True, "done")
    assert recorded["totals"]["instances"] == {"skipped": 4}
    assert recorded["stages"][0]["instances"][0]["decision"]["action"] == "build"
    assert echo.published() == {}
    assert "done (dry)" in echo.cineforge("runs", "--directory", str(echo.folder))


def test_a_bare_stage_name_is_a_target(echo: Project) -> None:
    run(echo, "echo", "echo_copy", "--run-id", "one")
    made = {name.split("/")[0] for name in echo.versions()}
    assert "echo_copy" in made
    assert "echo_all" not in made


def test_force_without_targets_calls_every_module(done_echo: Project) -> None:
    run(done_echo, "echo", "--force", "--run-id", "again")
    assert state(done_echo, "again")["totals"]["instances"].keys() == {"done"}


def test_force_with_a_target_calls_just_its_module(done_echo: Project) -> None:
    run(done_echo, "echo", "echo_mirror", "--force", "--run-id", "again")
    built = [
        each["stage"]
        for each in state(done_echo, "again")["stages"]
        if each["totals"]["instances"].get("done")
    ]
    assert built == ["echo_mirror"]


def test_start_from_uses_what_is_upstream_as_it_is_and_says_what_it_has_not_seen(
    done_bob: Project,
) -> None:
    story = done_bob.folder / "cyber_bob_ep1.fountain"
    story.write_text(story.read_text("utf-8").replace("Hi hello.", "Hello, hello."), "utf-8")
    before = done_bob.versions()
    said = run(
        done_bob, "screenplay", "--start-from", "scene_report", "--force", "--run-id", "late"
    )
    assert "ingest: used as it is, has not seen: source file changed" in said
    gained = {name.split("/")[0] for name in done_bob.new_since(before)}
    assert "scene_report" in gained
    assert not gained & {"script", "scene", "breakdown.members"}


def test_start_from_with_a_target_says_the_same(done_bob: Project) -> None:
    story = done_bob.folder / "cyber_bob_ep1.fountain"
    story.write_text(story.read_text("utf-8").replace("Hi hello.", "Hello, hello."), "utf-8")
    run(done_bob, "screenplay", "breakdown")
    said = run(
        done_bob, "screenplay", "strip_board", "--start-from", "strip_board", "--run-id", "late"
    )
    assert "scene_report/scene_1: used as it is, has not seen: upstream changed" in said


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


def test_start_from_what_was_never_built_is_refused(bob: Project) -> None:
    said = run(bob, "screenplay", "--start-from", "strip_board", status=1)
    assert "was never built, so a later stage cannot start from it" in said
    assert "did you mean 'strip_board'?" in run(
        bob, "screenplay", "--start-from", "strip_bord", status=1
    )


def test_instrument_records_what_each_job_took(echo: Project) -> None:
    run(echo, "echo", "echo_source", "--instrument", "--run-id", "one")
    (instance,) = next(
        each["instances"] for each in state(echo, "one")["stages"] if each["stage"] == "echo_source"
    )
    assert instance["usage"]["peak_memory_bytes"] > 1_000_000
    assert instance["usage"]["wall_seconds"] > 0
    listed = echo.cineforge("runs", "show", "one", "--directory", str(echo.folder))
    assert "peak MiB" in listed


def test_a_failed_run_says_so_and_the_next_redoes_only_what_is_missing(echo: Project) -> None:
    own = echo.folder / "recipes" / "echo.yaml"
    own.parent.mkdir()
    text = (ROOT / "recipes" / "echo.yaml").read_text(encoding="utf-8")
    broken = text.replace("echo_mirror_v1,", "echo_mirror_v1, params: {fail: true},")
    own.write_text(broken, encoding="utf-8")
    said = run(echo, "echo", "--keep-going", "--run-id", "one", status=1)
    assert "run one is failed" in said
    assert "failed: echo_mirror: " in said
    assert "Traceback" not in said
    own.write_text(text, encoding="utf-8")
    run(echo, "echo", "--run-id", "two")
    done = {
        each["stage"]
        for each in state(echo, "two")["stages"]
        if each["totals"]["instances"].get("done")
    }
    assert done == {"echo_mirror"}


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


def test_a_kept_job_costs_nothing_and_says_what_it_saved(project: Project) -> None:
    code = COSTLY_CODE.replace("context.attempt == 1", "False")
    write_module(project.folder, "paint_v1", COSTLY, code)
    write_recipe(project.folder, [{"id": "paint", "module": "paint_v1"}])
    run(project, "made")
    assert "saved $0.30" in run(project, "made", "--run-id", "again")
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


def test_on_a_terminal_each_stage_has_a_bar(echo: Project) -> None:
    pid, terminal = pty.fork()
    if pid == 0:
        command = str(BIN / "cineforge")
        os.execv(command, [command, "run", "echo", "--directory", str(echo.folder)])
    shown = bytearray()
    # A terminal whose other end is gone answers with an error instead of an end.
    with contextlib.suppress(OSError):
        while chunk := os.read(terminal, 4096):
            shown += chunk
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    last = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.decode()).rpartition("echo_source")[2]
    assert "echo_copy" in last
    assert "3/3" in last
    assert "21 built" in last
