"""`cineforge run`, and what it leaves on record."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tests.e2e.run_command import events, run, state

from . import warm
from .conftest import BIN, ROOT, Project

pytestmark = pytest.mark.e2e


def schema(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        (ROOT / "schemas" / f"{name}.schema.json").read_text(encoding="utf-8")
    )
    return found


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
        hint = f"; one that begins with '-' is written {option}=VALUE" if words[1:] else ""
        assert said == f"cineforge: {option} needs a value{hint}\n"
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


def test_start_from_what_was_never_built_is_refused(bob: Project) -> None:
    said = run(bob, "screenplay", "--start-from", "strip_board", status=1)
    assert "was never built, so a later stage cannot start from it" in said
    assert "did you mean 'strip_board'?" in run(
        bob, "screenplay", "--start-from", "strip_bord", status=1
    )


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
