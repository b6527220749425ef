"""Inputs, settings and folders that are not what they should be: one clear message, and nothing built on them."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest

from .conftest import Project

pytestmark = pytest.mark.e2e


BAD_STORIES = {
    "empty": b"",
    "binary": bytes(range(256)) * 64,
    "one 5 MB line": b"a" * 5_000_000,
    "no scene": b"Title: Nothing\n\nJust a thought, and no scene at all.\n",
    "not UTF-8": "INT. CAFÉ - DAY\n\nRain.\n".encode("latin-1"),
}


@pytest.mark.parametrize("kind", BAD_STORIES)
def test_a_screenplay_that_cannot_be_read_is_one_clear_message(bob: Project, kind: str) -> None:
    (bob.folder / "cyber_bob_ep1.fountain").write_bytes(BAD_STORIES[kind])
    said = bob.snakemake(status=1)
    assert "ingest (fountain_ingest_v1) failed: " in said
    assert "cyber_bob_ep1.fountain" in said
    assert "Traceback" not in said
    assert bob.versions().keys() <= {"project_config/_"}


def test_a_name_that_repeats_itself_is_no_trap(bob: Project) -> None:
    scream = "INT. ROOM - DAY\n\nA man falls.\n\n" + "A" * 40 + "\nHelp!\n"
    (bob.folder / "cyber_bob_ep1.fountain").write_text(scream, encoding="utf-8")
    bob.snakemake()
    assert "character/aaa" in bob.versions()
    assert "Nothing to be done" in bob.snakemake()


def test_a_changed_input_is_never_handed_to_a_module(done_bob: Project) -> None:
    payload = done_bob.folder / "artifacts/scene/scene_1/v0001/data.json"
    good = payload.read_bytes()
    payload.chmod(0o644)
    payload.write_bytes(good.replace(b"PARK", b"PORK"))
    said = done_bob.snakemake("current/scene_report/scene_1.json", "-f", status=1)
    assert "the published scene/scene_1@1 was changed: restore it" in said
    assert done_bob.versions()["scene_report/scene_1"] == [1]


def test_a_lost_folder_is_said_and_what_is_there_counts(done_bob: Project) -> None:
    lost = done_bob.folder / "artifacts" / "scene_report" / "scene_2"
    lost.rename(done_bob.folder / "elsewhere")
    said = done_bob.snakemake()
    assert "1 version (scene_report/scene_2@1) went" in said
    assert done_bob.versions()["scene_report/scene_2"] == [2], "no number is given twice"
    (done_bob.folder / "elsewhere" / "v0001").rename(lost / "v0001")
    assert "scene_report/scene_2@1) came from outside" in done_bob.snakemake()
    assert "0 damaged" in done_bob.cineforge("verify", "--directory", str(done_bob.folder))


def test_the_links_to_the_heads_come_back(done_bob: Project) -> None:
    links = sorted(path.name for path in (done_bob.folder / "current").glob("*/*"))
    shutil.rmtree(done_bob.folder / "current")
    done_bob.snakemake()
    assert sorted(path.name for path in (done_bob.folder / "current").glob("*/*")) == links


BAD_CONFIGS = {
    "recipe: 5\n": "config.yaml:1: recipe: must be a recipe's name or path",
    "recipe: screenplay\nproject: 5\n": "config.yaml:2: project: must hold keys and values",
    "recipe: echo\nrecipe: screenplay\n": "config.yaml:2: recipe: the key 'recipe' is already there",
    "recipe: screenplay\n": "the variable ${story} has no value",
    "recipe: screenpley\n": "did you mean 'screenplay'?",
    "[1]\n": "config.yaml:1: the top of the file must be a map",
    "": "config.yaml: the file is empty",
    "story: x.fountain\n": "no recipe is chosen",
}


@pytest.mark.parametrize("content", BAD_CONFIGS)
def test_a_mistake_in_config_yaml_is_told_with_its_place(bob: Project, content: str) -> None:
    (bob.folder / "config.yaml").write_text(content, encoding="utf-8")
    said = bob.snakemake(status=1)
    assert BAD_CONFIGS[content] in said
    assert "Traceback" not in said


def test_a_project_that_may_only_be_read_can_be_asked_what_would_run(done_echo: Project) -> None:
    readable = done_echo.folder.with_name("readable")
    readable.mkdir()
    mount = ["mount", "--bind", "-o", "ro", str(done_echo.folder), str(readable)]
    if os.getuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting is not permitted here")
    try:
        film = Project(readable)
        assert "echo_mirror: forced" in film.snakemake("-n", "-F")
        said = film.snakemake(status=1)
        assert "cannot be written" in said and "Traceback" not in said
    finally:
        subprocess.run(["umount", str(readable)], check=True)
