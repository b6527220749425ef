"""What becomes of people's work is said once, at the end of a run and in a plan, with the command that settles it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cineforge.bridge.left_to_people import lines_for_people
from cineforge.commands.main import main
from cineforge.deciding.decide import Decision
from cineforge.deciding.instance import Instance
from cineforge.model.records.decision_record import Action
from cineforge.model.refs import ArtifactKey
from cineforge.project import Project
from cineforge.running.probing import prober
from tests.e2e.workshop import write_module
from tests.in_this_process import InThisProcess

from .film import CAST_CODE, Film, text

ORPHANED = (
    "orphaned: greeting/bob@2, which a person made: what it was made for is gone."
    " 'cineforge put greeting/NEW_ID artifacts/greeting/bob/v0002/data.json' gives it to another,"
    " 'cineforge release greeting/bob' lets it go"
)


def without_bob(film: Film) -> None:
    film.write(names="ann")
    cast: dict[str, Any] = {"stage": "cast", "outputs": [{"type": "actor", "many": True}]}
    cast |= {"parameters": {"type": "object", "properties": text(names="")}, "pure": True}
    write_module(film.folder, "cast_v1", cast, CAST_CODE)


def test_an_orphan_is_told_by_the_plan_and_by_the_run_that_makes_it_one(
    film: Film, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(prober, "WorkerPool", InThisProcess)
    film.run_all("first")
    film.put("greeting", "bob", "mine")
    without_bob(film)
    assert main(["plan", "made", "--directory", str(film.folder)]) == 1
    assert capsys.readouterr().out.splitlines().count(ORPHANED) == 1
    run = film.run("second")
    for stage in ("cast", "greet", "choir"):
        run.targets(stage)
        for instance in run.session.context.planner.instances(stage)[0]:
            if run.number(instance) is not None:
                run.do(instance)
    run.session.close()
    assert film.said.count(ORPHANED) == 1
    film.said.clear()
    film.run("third").session.close()
    assert film.said == []  # from now on 'cineforge status' names it


def test_what_is_held_and_has_not_seen_a_change_is_told_with_the_ways_out(film: Film) -> None:
    def held(run_id: str) -> list[str]:
        film.run_all(run_id, forget=False)
        told = [line for line in film.said if line.startswith("held: ")]
        film.said.clear()
        return told

    film.run_all("first")
    film.put("song", None, ["mine"])
    film.write(names="ann")
    release = "'cineforge release song' to have it made anew"
    assert held("second") == [f"held: song has not seen what changed: {release}"]
    film.write()
    film.put("greeting", "bob", "hello, hello")
    confirm = "'cineforge confirm song' if it still holds, "
    assert held("third") == [f"held: song has not seen what changed: {confirm}{release}"]
    with Project(film.folder) as project:
        project.confirm("song", who="ann", why="still fine")
    assert held("fourth") == []


@pytest.mark.parametrize("version", [{}, {"version": 2}], ids=["no version", "a version"])
def test_what_a_person_puts_has_seen_the_schema_that_it_was_checked_with(
    film: Film, version: dict[str, int]
) -> None:
    film.run_all("first")
    film.put("greeting", "ann", "hello, all")
    schema = film.folder / "schemas" / "artifacts" / "greeting.schema.json"
    schema.write_text(json.dumps({"type": "string", "minLength": 5, **version}), encoding="utf-8")
    film.run_all("second", forget=False)
    assert [line for line in film.said if line.startswith("held: ")] == [
        "held: greeting/ann has not seen what changed: 'cineforge release greeting/ann' to have it made anew"
    ]
    film.said.clear()
    film.put("greeting", "ann", "hello, all of you")
    film.run_all("third", forget=False)
    assert [line for line in film.said if line.startswith("held: ")] == []


def test_nobody_is_asked_to_approve_what_nothing_waits_for_any_more() -> None:
    gate = ArtifactKey("cast.members")
    lines = lines_for_people(
        [
            Decision(Instance("song", None), Action.WAIT, (), ()),
            Decision(Instance("choir", None), Action.WAIT, (), (), gates=(gate,)),
        ],
        (),
    )
    assert list(lines) == [
        "waiting: song, for nobody's word any more: the same command again goes on",
        "waiting: choir, until somebody approves cast.members: 'cineforge confirm cast.members',"
        " or 'cineforge revise cast.members' to have it made anew",
    ]
