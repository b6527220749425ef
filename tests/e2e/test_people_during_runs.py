"""People put, hold and release while a run is on: what they were told holds, and nothing paid is lost."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from .cluster import submitting
from .conftest import Project
from .test_two_runs import Running
from .test_when_things_go_wrong import wait_for
from .workshop import write_module, write_recipe

pytestmark = pytest.mark.e2e

#: Waits until it is let go, if it is to wait at all.
HEAD = """
def run_module(inputs, params, project_config, context):
    here = Path({project!r})
    name = "{stage}" + ("." + context.entity_id if context.entity_id else "")
    (here / (name + ".begun")).touch()
    while (here / (name + ".waits")).exists():
        time.sleep(0.02)
"""
CAST = """
    take = params["take"]
    return ModuleResult(outputs={"actor": {n: Output(data=n + take) for n in ("ann", "bob")}})
"""
GREET = """
    return ModuleResult(outputs={"greeting": Output(data="hello " + inputs["actor"].data)})
"""
PAIR = """
    said = inputs["greeting"].data
    return ModuleResult(outputs={"left": Output(data="L " + said), "right": Output(data="R " + said)})
"""
CHOIR = """
    texts = [each.data for each in inputs["greetings"].values()]
    return ModuleResult(outputs={"song": Output(data=texts)})
"""
GREETING = {"greeting": {"type": "greeting"}}


@pytest.fixture
def film(project: Project) -> Iterator[Project]:
    """`cast` (a fan-out) -> `greet` and `pair` (left and right) for each actor, and `choir` gathers; all made once.

    The next run has all of it to do, as the actors will be others.
    """
    (folder := project.folder).mkdir()
    take = {"type": "object", "properties": {"take": {"type": "string", "default": ""}}}
    modules = {
        "cast": (CAST, {"outputs": [{"type": "actor", "many": True}], "parameters": take}),
        "greet": (
            GREET,
            {"inputs": {"actor": {"type": "actor"}}, "outputs": [{"type": "greeting"}]},
        ),
        "pair": (PAIR, {"inputs": GREETING, "outputs": [{"type": "left"}, {"type": "right"}]}),
        "choir": (
            CHOIR,
            {
                "inputs": {"greetings": {"type": "greeting", "many": True}},
                "outputs": [{"type": "song"}],
            },
        ),
    }
    for stage, (code, said) in modules.items():
        head = HEAD.format(project=str(folder), stage=stage)
        write_module(folder, f"{stage}_v1", {"stage": stage, **said}, head + code)
    write_film(project, "")
    project.snakemake()
    write_film(project, "!")
    for begun in folder.glob("*.begun"):
        begun.unlink()
    yield project
    for waits in folder.glob("*.waits"):
        waits.unlink()


def write_film(film: Project, take: str, gate: str | None = None) -> None:
    stages: list[dict[str, Any]] = [
        {"id": "cast", "module": "cast_v1", "params": {"take": take}},
        {"id": "greet", "module": "greet_v1", "needs": ["cast"], "for_each": "actor"},
        {"id": "pair", "module": "pair_v1", "needs": ["greet"], "for_each": "actor"},
        {"id": "choir", "module": "choir_v1", "needs": ["greet"]},
    ]
    if gate:
        stages[1]["gate"] = gate
        stages[2] |= {"threads": 2}  # one job at a time, that of choir first
        stages[3] |= {"threads": 2, "priority": 10}
    write_recipe(film.folder, stages)


class Paused:
    """A run that waits within the module call of one instance, while a person is at work."""

    def __init__(self, film: Project, instance: str, *arguments: str) -> None:
        self.film = film
        self.waits = film.folder / f"{instance}.waits"
        self.waits.touch()
        self.run = Running(film, *arguments, "--run-id", "monday")
        wait_for(film.folder / f"{instance}.begun")

    def go_on(self) -> str:
        self.waits.unlink()
        return self.run.end()


def ask(film: Project, *words: str) -> str:
    return film.cineforge(*words, "--directory", str(film.folder))


def put(film: Project, artifact: str, payload: object) -> None:
    mine = film.folder.parent / "mine.json"
    mine.write_text(json.dumps(payload), encoding="utf-8")
    ask(film, "put", *artifact.split("/"), str(mine), "--why", "better", "--new")


def is_at_rest(film: Project) -> None:
    assert "Nothing to be done" in film.snakemake()
    ask(film, "verify")
    assert not [
        each for each in (film.folder / "artifacts").glob("*/*/v*.json") if not each.exists()
    ]


def test_what_is_put_before_its_job_is_kept_and_its_readers_are_made_from_it(film: Project) -> None:
    paused = Paused(film, "cast")
    put(film, "greeting/ann", "good day")
    said = paused.go_on()
    assert "greet/ann: held, has not seen: upstream changed: actor/ann@1 -> @2" in said
    assert film.load("greeting", "ann") == "good day"
    assert not (film.folder / "greet.ann.begun").exists(), "a module was paid for in vain"
    assert film.load("song") == ["good day", "hello bob!"]
    assert film.load("left", "ann") == "L good day"
    lineage = ask(film, "lineage", "song")
    assert "greeting/ann@" + str(film.versions()["greeting/ann"][-1]) in lineage
    is_at_rest(film)


@pytest.mark.parametrize("forced", [(), ("--force",)])
def test_what_is_held_before_its_job_is_kept(film: Project, forced: tuple[str, ...]) -> None:
    paused = Paused(film, "cast", *forced)
    ask(film, "hold", "greeting/ann")
    said = paused.go_on()
    assert "greet/ann: held" in said
    assert film.versions()["greeting/ann"] == [1]
    assert not (film.folder / "greet.ann.begun").exists(), "a module was paid for in vain"
    assert film.load("song") == ["hello ann", "hello bob!"]
    is_at_rest(film)


def test_what_is_held_during_its_call_stays_and_what_was_made_is_kept_beside(film: Project) -> None:
    paused = Paused(film, "greet.ann")
    ask(film, "hold", "greeting/ann")
    said = paused.go_on()
    beside = "runs/monday/unpublished/greeting/ann/data.json"
    assert (
        "greeting/ann: held while the run was on: greeting/ann@1 stays the head, what was made is kept in"
        f" runs/monday/unpublished/greeting/ann: 'cineforge put greeting ann {beside}' takes it from there"
    ) in said
    assert film.load("song") == ["hello ann", "hello bob!"]
    is_at_rest(film)
    state = json.loads((film.folder / "runs/monday/run_state.json").read_text("utf-8"))
    assert state["status"] == "done"
    ask(film, "put", "greeting", "ann", str(film.folder / beside))
    assert film.load("greeting", "ann") == "hello ann!"


def test_of_two_outputs_the_one_held_during_the_call_stays_alone(film: Project) -> None:
    paused = Paused(film, "pair.ann")
    ask(film, "hold", "left/ann")
    said = paused.go_on()
    assert "left/ann: held while the run was on: left/ann@1 stays the head" in said
    assert film.load("left", "ann") == "L hello ann"
    assert film.load("right", "ann") == "R hello ann!"
    is_at_rest(film)


def test_of_two_outputs_the_one_put_during_the_call_stays_the_head(film: Project) -> None:
    paused = Paused(film, "pair.ann")
    put(film, "left/ann", "mine")
    said = paused.go_on()
    assert "left/ann@2 was published, but is superseded by left/ann@3" in said
    assert (film.load("left", "ann"), film.load("right", "ann")) == ("mine", "R hello ann!")
    is_at_rest(film)


def test_what_is_released_again_before_its_job_is_made_anew(film: Project) -> None:
    paused = Paused(film, "cast")
    put(film, "greeting/ann", "good day")
    ask(film, "release", "greeting/ann")
    paused.go_on()
    assert film.load("greeting", "ann") == "hello ann!"
    is_at_rest(film)


def test_what_a_person_made_before_any_machine_stays_when_the_other_output_is_made(
    film: Project,
) -> None:
    for output in ("left", "right"):
        shutil.rmtree(film.folder / "artifacts" / output)
    ask(film, "reindex")
    put(film, "left/ann", "mine")
    said = film.snakemake()
    assert "left/ann: held while the run was on: left/ann@1 stays the head" in said
    assert (film.load("left", "ann"), film.load("right", "ann")) == ("mine", "R hello ann!")
    is_at_rest(film)


def test_a_hold_on_a_member_during_its_fan_out_keeps_it(film: Project) -> None:
    paused = Paused(film, "cast")
    ask(film, "hold", "actor/ann")
    said = paused.go_on()
    assert "actor/ann: held, the machine's version is kept with the collection" in said
    assert film.load("actor", "ann") == "ann"
    assert film.load("song") == ["hello ann", "hello bob!"]
    is_at_rest(film)


def test_a_hold_on_all_that_a_fan_out_makes_keeps_it(film: Project) -> None:
    paused = Paused(film, "cast")
    ask(film, "hold", "cast.members")
    said = paused.go_on()
    assert "cast.members@1 stays the head, what was made is kept in runs/monday/unpublished" in said
    assert film.load("actor", "bob") == "bob"
    assert film.load("song") == ["hello ann", "hello bob"]
    kept = film.folder / "runs/monday/unpublished/actor/bob/data.json"
    assert json.loads(kept.read_text("utf-8")) == "bob!"
    is_at_rest(film)


def test_jobs_in_other_processes_heed_what_was_put_or_held_since_they_were_planned(
    film: Project,
) -> None:
    paused = Paused(film, "greet.ann", *submitting(film.folder))
    ask(film, "hold", "greeting/ann")
    ask(film, "hold", "right/bob")
    put(film, "left/ann", "mine")
    said = paused.go_on()
    assert "greeting/ann: held while the run was on: greeting/ann@1 stays the head" in said
    kept = film.folder / "runs/monday/unpublished/greeting/ann/data.json"
    assert json.loads(kept.read_text("utf-8")) == "hello ann!"
    assert film.load("greeting", "ann") == "hello ann"
    assert film.load("song") == ["hello ann", "hello bob!"]
    assert film.load("left", "ann") == "mine"
    assert film.load("right", "bob") == "R hello bob"
    assert not (film.folder / "pair.ann.begun").exists(), "a module was paid for in vain"
    is_at_rest(film)


def test_what_is_approved_or_taken_back_during_a_run_counts_for_what_has_yet_to_begin(
    film: Project,
) -> None:
    write_film(film, "", gate="approve")
    ask(film, "confirm", "greeting/ann")
    for stage in ("pair", "choir"):
        with (film.folder / f"modules/{stage}/{stage}_v1/main.py").open("a") as code:
            code.write("# retouched\n")
    paused = Paused(film, "pair.ann")
    ask(film, "confirm", "greeting/bob")
    said = paused.go_on()
    assert "waiting: pair/bob, choir, for nobody's word any more: the same command again" in said
    assert film.versions()["left/ann"] == [1, 2]
    assert film.versions()["song/_"] == [1], "nobody had approved one of the greetings"
    (film.folder / "runs/monday").rename(film.folder / "runs/sunday")
    paused = Paused(film, "choir")
    ask(film, "revise", "greeting/bob")
    said = paused.go_on()
    assert "waiting: pair/bob, until somebody approves greeting/bob: 'cineforge confirm" in said
    assert film.versions()["song/_"] == [1, 2], "what has begun is not called back"
    assert film.versions()["left/bob"] == [1], "what has not begun reads nothing taken back"
