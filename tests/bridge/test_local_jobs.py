"""Jobs of this process's own: decided for good, done, published, and put on record."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from cineforge.deciding.instance import Instance
from cineforge.model.errors import DecisionFailed
from cineforge.model.records import run_events as ev
from cineforge.model.records.decision_record import Action
from cineforge.project import Project

from .film import CAST, CHOIR, Film

ANN, BOB = Instance("greet", "ann"), Instance("greet", "bob")


def test_a_job_s_ticket_leads_to_the_version_that_it_made(film: Film) -> None:
    run = film.run("monday")
    run.targets("cast")
    run.do(CAST)
    run.targets("greet")
    run.do(ANN)
    ticket = film.folder / "artifacts/greeting/ann/v0001.json"
    assert ticket.resolve() == film.folder / "artifacts/greeting/ann/v0001/data.json"
    assert run.data("greeting", "ann") == "hello, I am ann"
    assert ANN in run.session.schedule.done
    told = [type(event).__name__ for event in run.events() if getattr(event, "entity", None)]
    assert told == ["JobStarted", "Cost", "JobFinished", "Published"]


def test_what_was_unknown_is_on_record_with_its_final_decision(film: Film) -> None:
    film.run_all("monday")
    film.write(names="ann cid")
    run = film.run("tuesday")
    run.targets("choir")
    run.targets("cast")
    run.do(CAST)
    run.targets("greet")
    run.do(Instance("greet", "cid"))
    run.do(CHOIR)
    decisions = [event.decision for event in run.events() if isinstance(event, ev.Decided)]
    first, final = [each for each in decisions if each.instance == "choir"]
    assert (first.action, first.final) == (Action.UNKNOWN, False)
    assert (final.action, final.final) == (Action.BUILD, True)
    assert final.reasons[0].added == ("cid",) and final.reasons[0].removed == ("bob",)
    assert run.data("song") == ["hello, I am ann", "hello, I am cid"]


def test_a_job_that_finds_nothing_new_keeps_the_head_and_its_number_is_free(film: Film) -> None:
    film.run_all("monday")
    film.write(polite=True)
    run = film.run("tuesday")
    run.targets("greet")
    run.targets("choir")
    for instance in (ANN, BOB, CHOIR):
        run.do(instance)
    assert "choir: kept after all, song@1 is up to date" in film.said
    ticket = film.folder / "artifacts/song/_/v0002.json"
    assert ticket.resolve() == film.folder / "artifacts/song/_/v0001/data.json"
    (kept,) = [event for event in run.events() if isinstance(event, ev.Kept)]
    assert kept.ref == "song@1"
    run.session.close()
    assert not ticket.is_symlink(), "a ticket that leads elsewhere is for its run alone"
    film.write(names="ann bob cid")
    film.run_all("wednesday")
    assert film.run("thursday").data("song") == [f"hello, I am {n}" for n in ("ann", "bob", "cid")]
    assert not (film.folder / "artifacts/song/_/v0003").exists()


def test_a_failed_call_is_one_message_that_names_its_log_and_publishes_nothing(film: Film) -> None:
    film.write(fails="bob")
    run = film.run("monday")
    run.targets("cast")
    run.do(CAST)
    run.targets("greet")
    message = run.fails(BOB)
    assert message.startswith("greet/bob (greet_v1) failed: RuntimeError: stage fright")
    assert (film.folder / message.rpartition("log: ")[2]).is_file()
    assert not (film.folder / "artifacts/greeting/bob/v0001").exists()
    failed = [event.error for event in run.events() if isinstance(event, ev.JobFinished)]
    assert "stage fright" in failed[-1]
    assert [event.call.estimated_cost_usd for event in run.events() if isinstance(event, ev.Cost)]


def test_the_same_work_done_before_is_adopted(film: Film) -> None:
    film.run_all("monday")
    film.write(names="ann")
    film.run_all("tuesday")
    film.write()
    run = film.run("wednesday")
    run.targets("cast")
    run.do(CAST)
    assert "cast: adopted, the same work was done before" in film.said
    assert not any(isinstance(event, ev.JobStarted) for event in run.events())


def test_what_a_person_put_before_the_call_is_kept_and_no_module_is_called(film: Film) -> None:
    film.run_all("monday")
    film.write(polite=True)
    run = film.run("tuesday")
    run.targets("greet")
    run.inputs(ANN)
    film.put("greeting", "ann", "good day, I am ann")
    run.session.jobs.run(ANN, 2, 1)
    assert run.data("greeting", "ann") == "good day, I am ann"
    assert film.said == ["greet/ann: held, has not seen: module code changed"]
    assert not any(isinstance(event, ev.JobStarted) for event in run.events())


def test_what_a_person_put_during_the_call_supersedes_what_it_made(
    film: Film, during: list[Callable[[], object]]
) -> None:
    film.run_all("monday")
    film.write(polite=True)
    run = film.run("tuesday")
    run.targets("greet")
    during.append(lambda: film.put("greeting", "ann", "good day, I am ann"))
    run.do(ANN)
    assert run.data("greeting", "ann") == "good day, I am ann"
    assert (film.folder / "artifacts/greeting/ann/v0002").is_dir()
    assert film.said == [
        "greeting/ann@2 was published, but is superseded by greeting/ann@3, which was made meanwhile"
    ]


def test_what_was_paid_for_is_kept_beside_a_head_that_is_held_during_the_call(
    film: Film, during: list[Callable[[], object]]
) -> None:
    film.run_all("monday")
    film.write(polite=True)
    run = film.run("tuesday")
    run.targets("greet")
    with Project(film.folder) as project:
        during.append(lambda: project.hold("greeting/ann", why="it is right", who="ann"))
        run.do(ANN)
    made = film.folder / "runs/tuesday/unpublished/greeting/ann/data.json"
    assert json.loads(made.read_text()) == "hello, I am ann"
    assert not (film.folder / "artifacts/greeting/ann/v0002").exists()
    (said,) = film.said
    assert said.startswith("greeting/ann: held while the run was on: greeting/ann@1 stays the head")
    assert [event.message for event in run.events() if isinstance(event, ev.Warned)] == [said]


def test_the_ticket_of_a_published_version_is_made_again_without_a_call(film: Film) -> None:
    film.run_all("monday")
    run = film.run("tuesday")
    ticket = film.folder / "artifacts/song/_/v0001.json"
    ticket.unlink()
    run.session.jobs.run(CHOIR, 1, 1)
    assert ticket.resolve() == film.folder / "artifacts/song/_/v0001/data.json"
    with pytest.raises(DecisionFailed, match="neither published nor planned"):
        run.session.jobs.run(CHOIR, 9, 1)
