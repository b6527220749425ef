"""Old payloads are lifted when modules read them: what that changes and leaves alone, and what is said of mistakes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cineforge.bridge.wording import decision_text
from cineforge.deciding.instance import Instance
from cineforge.model.errors import DecisionFailed, ProblemsFound
from cineforge.project import Project
from cineforge.running import execute
from tests.e2e.workshop import write_module, write_recipe
from tests.in_this_process import InThisProcess

from .film import CAST_CODE, CHOIR, CHOIR_CODE, text
from .test_refinement import Tale
from .test_remote_jobs import do

ANN, BOB = Instance("loud", "ann"), Instance("loud", "bob")
GREET = 'return ModuleResult(outputs={"greeting": Output(data=MADE)})'
LOUD = 'return ModuleResult(outputs={"shout": Output(data=str(inputs["greeting"].data).upper())})'
CODE = "def run_module(inputs, params, project_config, context):\n    "

UPGRADES = """
from cineforge import upgrade

@upgrade("greeting", "1", "2")
def in_words(data):
    return {"words": data}

@upgrade("greeting", "2", "3")
def as_text(data):
    data["text"] = data.pop("words")
    return data
"""
TODAY = {
    "version": "3",
    "type": "object",
    "required": ["text"],
    "properties": {"text": {"type": "string"}},
}


class Stage(Tale):
    """`cast` names actors, `greet` has each say a greeting, `loud` shouts it, `choir` takes all of them."""

    def rehearse(self, made: str, schema: dict[str, Any], upgrades: str | None = None) -> None:
        def module(name: str, code: str, output: dict[str, Any], **manifest: Any) -> None:
            write_module(
                self.folder, f"{name}_v1", {"stage": name, "outputs": [output], **manifest}, code
            )

        names = {"type": "object", "properties": text(names="")}
        module("cast", CAST_CODE, {"type": "actor", "many": True}, parameters=names)
        actor, greeting = {"actor": {"type": "actor"}}, {"greeting": {"type": "greeting"}}
        greet = CODE + GREET.replace("MADE", made)
        module("greet", greet, {"type": "greeting"}, inputs=actor)
        module("loud", CODE + LOUD, {"type": "shout"}, inputs=greeting)
        many = {"greetings": {"type": "greeting", "many": True}}
        module("choir", CHOIR_CODE, {"type": "song"}, inputs=many)
        self.schemas = self.folder / "schemas/artifacts"
        (self.schemas / "greeting.schema.json").write_text(json.dumps(schema))
        if upgrades is not None:
            self.upgrades.write_text(upgrades)
        each = {"for_each": "actor"}
        write_recipe(
            self.folder,
            [
                {"id": "cast", "module": "cast_v1", "params": {"names": "ann bob"}},
                {"id": "greet", "module": "greet_v1", "needs": ["cast"], **each},
                {"id": "loud", "module": "loud_v1", "needs": ["greet"], **each},
                {"id": "choir", "module": "choir_v1", "needs": ["greet"]},
            ],
        )

    @property
    def upgrades(self) -> Path:
        return self.folder / "schemas/artifacts/greeting.upgrade.py"

    def trouble(self, instance: Instance) -> str:
        """What the job of an instance says that cannot be done."""
        run = self.run("trouble")
        try:
            for stage in ("cast", "greet", "loud", "choir"):
                run.targets(stage)
            return run.fails(instance)
        finally:
            run.session.close()
            for path in sorted((self.folder / "runs/trouble").rglob("*"), reverse=True):
                path.rmdir() if path.is_dir() else path.unlink()
            (self.folder / "runs/trouble").rmdir()

    def reason(self, instance: Instance) -> str:
        run = self.run("look", executing=False)
        found = decision_text(run.session.context.planner.decision(instance).record())
        run.session.close()
        return found


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """What a person wrote of ann is of the schema's first version; all else has been made anew as of the third."""
    monkeypatch.setattr(execute, "WorkerPool", InThisProcess)
    film = Stage(tmp_path / "film", [], [])
    film.folder.mkdir()
    film.rehearse('"hi, " + inputs["actor"].data', {"version": "1", "type": "string"})
    film.go("first")
    film.put("greeting", "ann", "my word")
    film.go("second")
    film.rehearse('{"text": "hi, " + inputs["actor"].data}', TODAY, UPGRADES)
    return film


def test_an_old_payload_is_read_as_of_today_and_stays_as_it_is_on_the_disk(stage: Stage) -> None:
    assert "greeting.upgrade" in stage.reason(CHOIR), "ann's word is held: that is certain"
    assert stage.go("third") == ["greet/bob", "loud/ann", "loud/bob", "choir"]
    assert stage.now("shout", "ann")[1] == "{'TEXT': 'MY WORD'}"
    assert stage.now("song")[1] == [{"text": "my word"}, {"text": "hi, bob"}]
    assert stage.now("greeting", "ann") == (2, "my word")


def test_what_lifts_counts_for_those_that_read_what_it_lifts_and_for_no_others(
    stage: Stage,
) -> None:
    stage.go("third")
    stage.upgrades.write_text(UPGRADES.replace('data.pop("words")', 'data.pop("words") + "!"'))
    assert "greeting.upgrade" in stage.reason(ANN)
    assert "up to date" in stage.reason(BOB)
    assert stage.go("fourth") == ["loud/ann", "choir"]
    assert stage.now("song")[1] == [{"text": "my word!"}, {"text": "hi, bob"}]
    stage.put("greeting", "ann", {"text": "my word!"})
    called = stage.go("fifth")
    assert called == ["loud/ann", "choir"]
    stage.upgrades.write_text("")
    assert stage.go("sixth") == []


def test_jobs_elsewhere_lift_by_what_was_planned_or_refuse(stage: Stage) -> None:
    run = stage.run("third", remote=True)
    for name in ("cast", "greet", "loud", "choir"):
        run.targets(name)
    do(stage, run, ANN, Instance("greet", "bob"))
    assert run.inputs(CHOIR)
    stage.upgrades.write_text(UPGRADES + "# another\n")
    with pytest.raises(DecisionFailed, match="the upgrades of what it reads were changed since"):
        do(stage, run, CHOIR)
    stage.upgrades.write_text(UPGRADES)
    do(stage, run, CHOIR, BOB)
    run.session.close()
    assert stage.now("song")[1] == [{"text": "my word"}, {"text": "hi, bob"}]
    assert stage.go("fourth") == []


def test_without_upgrades_old_payloads_are_read_as_they_are(stage: Stage) -> None:
    stage.upgrades.unlink()
    stage.go("third")
    assert stage.now("song")[1] == ["my word", {"text": "hi, bob"}]


@pytest.mark.parametrize(
    ("upgrades", "told"),
    [
        (
            UPGRADES.replace('"2", "3"', '"2", "4"'),
            "greeting/ann@2 is of version '1' of the schema 'greeting', which is '3' now: add a function to"
            " FILE, marked @upgrade('greeting', '4', '3')",
        ),
        (
            UPGRADES.replace('"1", "2"', '"0", "1"'),
            "marked @upgrade('greeting', '1', '2')",
        ),
        (
            UPGRADES.replace('{"words": data}', "{}"),
            "greeting/ann@2 cannot be lifted from version '2' to '3' of the schema 'greeting':"
            " KeyError: 'words' (greeting.upgrade.py:10)",
        ),
        (
            UPGRADES.replace('"text"', '"txt"'),
            "greeting/ann@2, lifted by FILE from version '1' to '3', does not fit the schema 'greeting':"
            " $: the key 'text' is missing",
        ),
        (UPGRADES.replace('"greeting", "1"', '"song", "1"'), "it is the file of 'greeting'"),
        (UPGRADES.replace('"2", "3"', '"1", "2"'), "two functions lift from '1' to '2': keep one"),
        (
            UPGRADES.replace("return data", "import sys; sys.exit(3)"),
            "of the schema 'greeting': SystemExit: 3 (greeting.upgrade.py:11)",
        ),
        (
            "import nowhere_to_be_found",
            "FILE cannot be loaded: ModuleNotFoundError: No module named 'nowhere_to_be_found'"
            " (greeting.upgrade.py:1)",
        ),
    ],
)
def test_what_cannot_be_lifted_is_one_clear_message(stage: Stage, upgrades: str, told: str) -> None:
    stage.upgrades.write_text(upgrades)
    assert told.replace("FILE", str(stage.upgrades)) in stage.trouble(ANN)


def test_a_file_that_cannot_be_read_is_told_before_anything_runs(stage: Stage) -> None:
    stage.upgrades.write_text("\ndef (")
    with pytest.raises(ProblemsFound, match=r"greeting\.upgrade\.py:2: no valid Python"):
        stage.run("look", executing=False)
    stage.upgrades.unlink()
    stage.upgrades.symlink_to("nowhere.py")
    with pytest.raises(ProblemsFound, match=r"greeting\.upgrade\.py: cannot be read"):
        stage.run("look", executing=False)


def test_what_is_not_made_yet_may_need_no_lifting_and_is_no_reason_of_that_kind(
    stage: Stage,
) -> None:
    stage.go("third")
    with Project(stage.folder) as project:
        project.release("greeting/ann")
    for instance in (ANN, CHOIR):
        assert "greeting.upgrade" not in stage.reason(instance)
    assert stage.go("fourth") == ["greet/ann", "loud/ann", "choir"]
    assert stage.now("song")[1] == [{"text": "hi, ann"}, {"text": "hi, bob"}]


def test_a_fan_out_gets_what_it_made_before_lifted_or_as_it_was_saved_and_told(
    stage: Stage,
) -> None:
    cast = stage.folder / "modules/cast/cast_v1/main.py"
    told = "context.log.info(repr((context.previous('actor'), context.vanished('actor'))))\n"
    emits = cast.read_text("utf-8").replace("    return", f"    {told}    return")
    cast.write_text(emits.replace("Output(data=n)", "Output(data=[n])"))
    schema = stage.folder / "schemas/artifacts/actor.schema.json"
    lift = "\nfrom cineforge import upgrade\n@upgrade('actor', {!r}, {!r})\ndef {}(names): return [names]"
    sealed = (stage.folder / "artifacts/actor/ann/v0001/meta.json").read_text("utf-8")
    old = json.loads(sealed)["schema_version"]

    def log_of(run_id: str, names: str, version: str, upgrades: str) -> str:
        stages = [{"id": "cast", "module": "cast_v1", "params": {"names": names}}]
        write_recipe(stage.folder, stages)
        schema.write_text(json.dumps({"version": version, "type": "array"}))
        schema.with_name("actor.upgrade.py").write_text(upgrades)
        assert stage.go(run_id) == ["cast"]
        return (stage.folder / f"runs/{run_id}/logs/cast.log").read_text("utf-8")

    second = log_of("cast-1", "ann bob", "2", lift.format("none", "2", "wrong"))
    assert "({'ann': 'ann', 'bob': 'bob'}, {})" in second
    assert f"given as it was saved: actor 'ann' is of version '{old}'" in second
    assert "what was made before is given as it was saved" in "\n".join(stage.said)
    log_of("cast-2", "bob", "2", "")
    upgrades = lift.format(old, "2", "one") + lift.format("2", "3", "two")
    third = log_of("cast-3", "bob", "3", upgrades)
    assert "({'bob': [['bob']]}, {'ann': [['ann']]})" in third
