"""People overrule machines: edits, holds, judgements, and the questions one asks of a project."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from . import warm
from .conftest import ROOT, Project
from .test_echo import set_params

pytestmark = pytest.mark.e2e


@pytest.fixture
def film(done_echo: Project) -> Project:
    """The echo recipe, run once: items a, b, c; groups red (a, c) and blue (b, c) select copies."""
    return done_echo


def ask(film: Project, *words: str, status: int | None = 0) -> str:
    return film.cineforge(*words, "--directory", str(film.folder), status=status)


def put(film: Project, text: str, *words: str, status: int = 0) -> str:
    file = film.folder.parent / "edited.json"
    file.write_text(json.dumps({"text": text}), encoding="utf-8")
    return ask(film, "put", "echo_copy", "a", str(file), *words, status=status)


def test_an_edit_is_kept_by_every_run_and_what_reads_it_is_rebuilt(film: Project) -> None:
    put(film, "my own words", "--why", "better")
    before = film.versions()
    film.snakemake()
    assert film.load("echo_copy", "a") == {"text": "my own words"}
    gained = {name.split("/")[0] for name in film.new_since(before)}
    assert gained == {"echo_pick", "echo_all"}
    film.snakemake("-F")
    assert film.load("echo_copy", "a") == {"text": "my own words"}


def test_an_edit_tells_what_upstream_it_has_not_seen(film: Project) -> None:
    put(film, "my own words")
    own = film.folder / "recipes" / "echo.yaml"
    own.parent.mkdir()
    text = (ROOT / "recipes" / "echo.yaml").read_text(encoding="utf-8")
    items = 'params: {items: ["a=another apple #red", "b=beta", "c=gamma #red"]}'
    own.write_text(text.replace("echo_source_v1}", f"echo_source_v1, {items}}}"), encoding="utf-8")
    said = film.snakemake()
    assert "echo_copy/a: held, has not seen: upstream changed: echo_item/a@1 -> @2" in said
    assert "held: echo_copy/a has not seen what changed: 'cineforge confirm echo_copy/a'" in said
    assert film.load("echo_copy", "a") == {"text": "my own words"}


def test_a_released_edit_is_replaced_and_kept_in_the_history(film: Project) -> None:
    put(film, "my own words")
    ask(film, "release", "echo_copy/a")
    assert "echo_copy/a: a person's version was released" in film.snakemake()
    assert film.load("echo_copy", "a")["text"] != "my own words"
    versions = json.loads(ask(film, "history", "echo_copy/a", "--json"))
    assert [each["source"] for each in versions] == ["code", "human", "code"]
    assert versions[2]["reproduces"] == 1


def test_an_edit_that_does_not_fit_its_schema_is_refused(film: Project) -> None:
    file = film.folder.parent / "bad.json"
    file.write_text('{"txet": 1}', encoding="utf-8")
    said = ask(film, "put", "echo_copy", "a", str(file), status=1)
    assert "$: the key 'text' is missing" in said
    assert film.versions()["echo_copy/a"] == [1]


def test_what_the_head_holds_already_is_not_saved_again(film: Project) -> None:
    put(film, "my own words")
    assert "nothing was saved" in put(film, "my own words")
    assert film.versions()["echo_copy/a"] == [1, 2]


def test_edit_opens_the_editor_on_a_copy(film: Project) -> None:
    words = ("edit", "echo_copy/b", "--directory", str(film.folder))
    environment = {**os.environ, "EDITOR": "sed -i s/beta/BETA/", "VISUAL": ""}
    done = warm.run("cineforge", *words, cwd=ROOT, env=environment)
    assert done.returncode == 0, done.stderr
    assert "BETA" in film.load("echo_copy", "b")["text"]


def test_a_held_head_survives_even_a_forced_run(film: Project) -> None:
    ask(film, "hold", "echo_copy/b", "--why", "approved")
    before = film.versions()
    held = "echo_copy/b: held although forced: 'cineforge release echo_copy/b' lets it be made anew"
    assert held in film.snakemake("-n", "--forcerun", "echo_copy")
    assert held in film.snakemake("-F")
    assert "echo_copy/b" not in film.new_since(before)
    assert held in film.snakemake("current/echo_copy/b.json", "--forcerun", "echo_copy")
    assert "held" not in film.snakemake()
    ask(film, "release", "echo_copy/b")
    film.snakemake("-F")
    assert film.new_since(before)["echo_copy/b"] == 1


def test_revisions_asked_for_are_made_by_the_next_run_and_by_that_alone(film: Project) -> None:
    ask(film, "revise", "echo_copy/c", "--why", "too loud")
    ask(film, "revise", "echo_item/a", "--why", "too short")
    counts = json.loads(ask(film, "status", "--json"))["counts"]
    assert counts["echo_copy"]["needs_revision"] == counts["echo_item"]["needs_revision"] == 1
    before = film.versions()
    said = film.snakemake()
    assert "echo_copy/c: a revision was asked for" in said
    assert "echo_split: a revision was asked for" in said
    # The member comes out the same, and has been made anew all the same: an answer to who asked.
    assert film.new_since(before) == {"echo_copy/c": 1, "echo_item/a": 1, "echo_split.members/_": 1}
    assert "Nothing to be done" in film.snakemake()


def test_a_confirmed_version_is_kept_until_something_new_appears(film: Project) -> None:
    put(film, "one")
    assert "echo_all@1 is confirmed valid" in ask(film, "confirm", "echo_all", "--why", "seen")
    before = film.versions()
    film.snakemake("all_echo_all")
    assert film.new_since(before) == {}
    put(film, "two")
    said = ask(film, "why", "echo_all")
    assert "echo_all@1 is stale" in said
    film.snakemake("all_echo_all")
    assert film.new_since(before)["echo_all/_"] == 1


def test_a_member_that_a_person_edited_is_held_against_the_fan_out(done_bob: Project) -> None:
    scene = done_bob.load("scene", "scene_1")
    scene["heading"] = "EXT. PARK - DAWN"
    file = done_bob.folder.parent / "scene.json"
    file.write_text(json.dumps(scene), encoding="utf-8")
    done_bob.cineforge("put", "scene", "scene_1", str(file), "--directory", str(done_bob.folder))
    story = done_bob.folder / "cyber_bob_ep1.fountain"
    text = story.read_text(encoding="utf-8")
    story.write_text(text.replace("Hi hello.", "Good morning."), encoding="utf-8")
    assert "scene/scene_1: held" in done_bob.snakemake()
    assert done_bob.load("scene", "scene_1")["heading"] == "EXT. PARK - DAWN"
    collection = (done_bob.folder / "current/breakdown.members/_.json").resolve().parent
    machines = json.loads((collection / "files/held/scene/scene_1.json").read_text("utf-8"))
    assert machines["heading"] != "EXT. PARK - DAWN"


def test_a_diff_names_each_field_and_ends_with_status_one(film: Project) -> None:
    put(film, "my own words")
    said = ask(film, "diff", "echo_copy/a@1", "echo_copy/a", status=1)
    assert '+ "my own words"' in said
    ask(film, "diff", "echo_copy/a", "echo_copy/a")


def test_lineage_goes_up_to_the_first_version_and_down_to_the_last(film: Project) -> None:
    up = [line.strip() for line in ask(film, "lineage", "echo_copy/a").splitlines()]
    assert up == ["echo_copy/a@1", "echo_item/a@1", "echo_source@1"]
    down = ask(film, "lineage", "echo_copy/a", "--down").splitlines()
    assert {line.strip() for line in down} >= {"echo_pick/red@1", "echo_all@1"}


def test_the_heads_of_a_moment_are_found_again(film: Project) -> None:
    made = json.loads(ask(film, "history", "echo_copy/a", "--json"))[0]["created_at"]
    put(film, "later")
    then = [each["ref"] for each in json.loads(ask(film, "at", made, "--json"))]
    assert "echo_copy/a@1" in then
    assert ask(film, "at", "2001-01-01") == "nothing had been made by then\n"
    assert "is no time" in ask(film, "at", "yesterday", status=1)


def test_verify_names_what_is_damaged_and_what_is_built_on_it(film: Project) -> None:
    assert "0 damaged" in ask(film, "verify")
    payload = film.folder / "artifacts/echo_item/a/v0001/data.json"
    payload.chmod(0o644)
    payload.write_bytes(payload.read_bytes().replace(b"a", b"e", 1))
    done = warm.run("cineforge", "verify", "--directory", str(film.folder), cwd=ROOT)
    assert done.returncode == 1
    assert "echo_item/a@1: " in done.stdout
    assert "built on it: echo_copy/a@1" in done.stdout
    assert "1 damaged" in done.stdout


def test_a_put_while_a_run_is_on_takes_a_number_of_its_own(project: Project) -> None:
    from .workshop import NOTE, write_module, write_recipe

    flag = project.folder / "go"
    body = (
        "\ndef run_module(inputs, params, project_config, context):\n"
        f"    Path({str(project.folder)!r}, 'started').touch()\n"
        f"    while not Path({str(flag)!r}).exists(): time.sleep(0.05)\n"
        "    return ModuleResult(outputs={'note': Output(data='the machine')})\n"
    )
    write_module(project.folder, "note_v1", NOTE, body)
    write_recipe(project.folder, [{"id": "write_note", "module": "note_v1"}])
    command = ("cineforge", "run", "made", "--directory", str(project.folder))
    running = warm.Started(*command, cwd=ROOT)
    while not (project.folder / "started").exists():
        assert running.poll() is None
        time.sleep(0.01)
    file = Path(project.folder.parent, "note.json")
    file.write_text('"the person"', encoding="utf-8")
    project.cineforge("put", "note", str(file), "--directory", str(project.folder))
    flag.touch()
    status, said = running.end()
    assert status == 0, said
    assert project.versions()["note/_"] == [1, 2]
    assert project.load("note") == "the person"
    assert "note@1 was published, but is superseded by note@2" in said


def test_what_is_stale_only_behind_a_hold_is_told_so_and_not_rebuilt(film: Project) -> None:
    ask(film, "hold", "echo_copy/a")
    set_params(film, "echo_source", items=["a=another apple #red", "b=beta #red", "c=gamma #red"])
    film.snakemake()
    said = ask(film, "why", "echo_all")
    assert "stale only behind a hold: nothing reaches it before echo_copy/a is released" in said
    assert "a run would keep it" in said
    assert "Nothing to be done" in film.snakemake()
