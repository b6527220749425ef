"""`current/` is right, or a run says why not; what a person edits there is never lost."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest

from .conftest import Project
from .test_echo import set_params
from .test_human_work import ask

pytestmark = pytest.mark.e2e

PLACE = "current/echo_copy/a.json"
TOLD = f"{PLACE} was edited, and is in no version: 'cineforge put echo_copy a {PLACE} --why ...' saves it"


@pytest.fixture
def film(done_echo: Project) -> Project:
    """The echo recipe, run once, with work to do."""
    set_params(done_echo, "echo_source", items=["a=another #red", "b=beta #red", "c=gamma #red"])
    return done_echo


def edit(film: Project) -> None:
    path = film.folder / PLACE
    subprocess.run(["sed", "-i", "s/a=/mine=/; s/alpha/mine/", str(path)], check=True)
    path.write_text('{"text": "mine"}', encoding="utf-8")
    assert not path.is_symlink()


def test_an_edit_is_told_by_every_command_kept_by_a_run_and_saved_by_put(film: Project) -> None:
    edit(film)
    assert TOLD in ask(film, "status")
    assert TOLD in json.loads(ask(film, "status", "--json"))["not_linked"][0]
    assert TOLD in film.snakemake("-n")
    assert TOLD in film.snakemake()
    assert film.load("echo_copy", "a") == {"text": "mine"}
    assert film.versions()["echo_copy/a"] == [1, 2]

    ask(film, "put", "echo_copy", "a", str(film.folder / PLACE), "--why", "better")
    assert (film.folder / PLACE).readlink().name == "data.json"
    assert film.load("echo_copy", "a") == {"text": "mine"}
    assert "was edited" not in ask(film, "status") + film.snakemake()


def test_an_edit_that_is_asked_for_as_a_target_is_not_deleted(film: Project) -> None:
    edit(film)
    for more in ((), ("--force",), ("-n",)):
        assert TOLD in film.snakemake(PLACE, *more, status=1)
    assert film.load("echo_copy", "a") == {"text": "mine"}


def test_where_no_links_can_be_made_all_versions_are_and_the_run_ends_with_an_error(
    film: Project,
) -> None:
    current = film.folder / "current"
    shutil.rmtree(current)
    current.write_text("a file", encoding="utf-8")
    said = film.snakemake(status=1)
    assert "all versions were made, but current is no folder: move it away" in said
    assert film.versions()["echo_copy/a"] == [1, 2]
    assert "current is no folder" in ask(film, "status")

    current.unlink()
    assert "Nothing to be done" in film.snakemake()
    assert film.load("echo_copy", "a")["text"].startswith("another")
