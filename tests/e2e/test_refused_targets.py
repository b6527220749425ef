"""What cannot be decided or built as it was asked for: refused with the command to type instead."""

from __future__ import annotations

import json

import pytest

from .conftest import Project

pytestmark = pytest.mark.e2e


def test_an_error_while_deciding_ends_the_command_with_its_message(done_bob: Project) -> None:
    (done_bob.folder / "cyber_bob_ep1.fountain").rename(done_bob.folder / "cyber_bob_ep2.fountain")
    for targets in ([], ["current/scene_report/scene_1.json"], ["-n"], ["all_strip_board"]):
        said = done_bob.snakemake(*targets, status=1)
        assert "there is no file 'cyber_bob_ep1.fountain'" in said
        assert "did you mean 'cyber_bob_ep2.fountain'?" in said
        assert "Nothing to be done" not in said
        assert "Traceback" not in said


def test_until_beyond_a_fan_out_that_has_yet_to_run_names_the_command_to_type(
    bob: Project,
) -> None:
    said = bob.snakemake("--until", "scene_report", status=1)
    assert "lies beyond the fan-out 'breakdown'" in said
    command = said.strip().splitlines()[-1].split()
    assert command[:2] == ["snakemake", "-c2"]
    bob.snakemake(*command[1:])
    assert "scene_report/scene_3" in bob.versions()
    assert "strip_board/_" not in bob.versions()


def test_omit_from_beyond_a_fan_out_that_has_yet_to_run_names_the_command_to_type(
    bob: Project,
) -> None:
    said = bob.snakemake("--omit-from", "scene_report", status=1)
    bob.snakemake(*said.strip().splitlines()[-1].split()[1:])
    assert "scene/scene_3" in bob.versions()
    assert "scene_report/scene_3" not in bob.versions()


def test_until_works_natively_where_nothing_is_unknown(bob: Project) -> None:
    bob.snakemake("all_breakdown")
    bob.snakemake("all", "--until", "scene_report")
    assert "scene_report/scene_1" in bob.versions()
    assert "strip_board/_" not in bob.versions()
    # Snakemake asks about what lies beyond, and leaves it out: nothing has gone wrong.
    bob.snakemake("all", "--omit-from", "strip_board")
    assert "location_bible/park" in bob.versions()
    runs = json.loads(bob.cineforge("runs", "--directory", str(bob.folder), "--json"))
    assert [each["status"] for each in runs] == ["done"] * 3


def test_a_published_ticket_asked_for_by_hand_stays_what_it_is(done_bob: Project) -> None:
    before = done_bob.versions()
    ticket = "artifacts/scene_report/scene_1/v0001.json"
    done_bob.snakemake(ticket)
    done_bob.snakemake(ticket, "--force")
    done_bob.snakemake(ticket, "-F", status=None)
    assert (done_bob.folder / ticket).resolve() == done_bob.folder.resolve() / ticket.replace(
        ".json", "/data.json"
    )
    assert done_bob.versions()["scene_report/scene_1"] == before["scene_report/scene_1"]


def test_a_ticket_that_was_never_planned_is_refused(done_bob: Project) -> None:
    said = done_bob.snakemake("artifacts/scene_report/scene_1/v0007.json", status=1)
    assert "neither published nor planned: ask for current/scene_report/scene_1.json" in said


def test_a_wrong_target_is_named_with_what_became_of_the_others(echo: Project) -> None:
    said = echo.snakemake("-k", "all_echo_copy", "all_echo_copie", status=1)
    assert "no 'all_echo_copie': did you mean 'all_echo_copy'?" in said
    assert "nothing was made of all_echo_copy either" in said
    good, bad = "current/echo_item/a.json", "current/echo_copy/none.json"
    said = echo.snakemake("-k", good, "all_echo_copy", bad, status=1)
    assert f"{bad}: there is no echo_item 'none'" in said
    assert f"made: {good}\nnot made: all_echo_copy; the same command without {bad} makes it" in said
    assert "'echo_copy' is a stage: as a target write all_echo_copy" in echo.snakemake(
        "echo_copy", status=1
    )
