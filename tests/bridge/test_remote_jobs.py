"""Jobs in other processes: what they are told, what they do, and what the run makes of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cineforge.bridge.remote.job_file import JobFile, job_path, load_job
from cineforge.bridge.remote.job_process import JobProcess
from cineforge.deciding.instance import Instance
from cineforge.history.job_events import JobEvents
from cineforge.model.errors import DecisionFailed, ModuleFailed
from cineforge.model.records import run_events as ev
from cineforge.store.layout import JOBS

from .film import CAST, CHOIR, Film, Run

ANN, BOB = Instance("greet", "ann"), Instance("greet", "bob")


def elsewhere(film: Film, run: Run, said: list[str]) -> JobProcess:
    """The process of a job, which knows the run's folder alone."""
    recipe = film.recipe
    folder = run.session.context.folder
    return JobProcess(film.folder, folder, lambda: recipe, (film.folder,), said.append)


def do(film: Film, run: Run, *instances: Instance, said: list[str] | None = None) -> None:
    """Have jobs done in a process of their own, one after the other."""
    process = elsewhere(film, run, [] if said is None else said)
    for instance in instances:
        number = run.number(instance)
        assert number is not None
        assert run.inputs(instance) == process.job_inputs(instance, number)
        process.run(instance, number, attempt=1)


def test_a_job_file_carries_the_decision_that_is_on_record(film: Film) -> None:
    run = film.run("monday", remote=True)
    for stage, instance in (("cast", CAST), ("choir", CHOIR)):
        run.targets(stage)
        run.inputs(instance)
    recorded = {e.decision.instance: e.decision for e in run.events() if isinstance(e, ev.Decided)}
    jobs = run.session.context.folder / JOBS
    for instance in (CAST, CHOIR):
        assert load_job(jobs, instance, 1).decision == recorded[str(instance)]
    process = elsewhere(film, run, [])
    for instance in (CAST, CHOIR):
        assert process.reason(instance, 1) == run.session.rule_inputs.reason(instance, 1)


def test_what_jobs_published_is_found_by_their_tickets(film: Film) -> None:
    run = film.run("monday", remote=True)
    run.targets("cast")
    do(film, run, CAST)
    assert run.targets("greet") == [
        "artifacts/greeting/ann/v0001.json",
        "artifacts/greeting/bob/v0001.json",
    ]
    run.targets("choir")
    do(film, run, ANN, BOB, CHOIR)
    run.session.close()
    assert film.run("tuesday").data("song") == ["hello, I am ann", "hello, I am bob"]
    costs = [event.call.estimated_cost_usd for event in run.events() if isinstance(event, ev.Cost)]
    assert costs == [0.25, 0.25]
    assert run.events()[-1].status is ev.RunStatus.DONE  # type: ignore[union-attr]


def test_a_job_decides_for_good_once_its_inputs_are_there(film: Film) -> None:
    film.run_all("monday")
    film.write(polite=True)
    run = film.run("tuesday", remote=True)
    run.targets("greet")
    run.targets("choir")
    said: list[str] = []
    do(film, run, ANN, BOB, CHOIR, said=said)
    assert "choir: kept after all, song@1 is up to date" in said
    run.session.collect_all()
    decisions = [e.decision for e in run.events() if isinstance(e, ev.Decided)]
    assert [each.final for each in decisions if each.instance == "choir"] == [False, True]
    assert not (film.folder / "artifacts/song/_/v0002").exists()


def test_a_job_done_twice_publishes_once(film: Film) -> None:
    run = film.run("monday", remote=True)
    run.targets("cast")
    said: list[str] = []
    do(film, run, CAST, CAST, said=said)
    assert said == ["cast: an earlier attempt has published cast.members@1"]


def test_code_that_was_changed_since_the_plan_is_refused_and_put_on_record(film: Film) -> None:
    run = film.run("monday", remote=True)
    run.targets("cast")
    run.inputs(CAST)
    code = film.folder / "modules" / "cast" / "cast_v1" / "main.py"
    code.write_text(code.read_text() + "\n# another cast\n")
    with pytest.raises(DecisionFailed, match="changed since the run was planned"):
        elsewhere(film, run, []).run(CAST, 1, attempt=1)
    told = list(JobEvents(run.session.context.folder / JOBS).fresh())
    assert any("changed since" in each.error for each in told if isinstance(each, ev.JobFinished))


def test_a_wrong_job_file_is_one_clear_message(film: Film) -> None:
    run = film.run("monday", remote=True)
    run.targets("cast")
    run.inputs(CAST)
    jobs = run.session.context.folder / JOBS
    path = job_path(jobs, CAST)
    whole = path.read_text()

    def refused(text: str | None, instance: Instance = CAST, version: int = 1) -> str:
        path.unlink(missing_ok=True)
        if text is not None:
            path.write_text(text)
        with pytest.raises(DecisionFailed) as told:
            load_job(jobs, instance, version)
        message = str(told.value)
        assert "\n" not in message and "run" in message
        return message

    fields = json.loads(whole)
    earlier = {**fields, "why": "cast: never built", "stage": "cast", "version": 1}
    del earlier["decision"]
    for text in (json.dumps(earlier), whole[:200], "", "[]", whole.replace("build", "burn")):
        message = refused(text)
        assert str(path) in message
        assert "is no job file of this version of CineForge" in message
        assert "install the same version on all hosts" in message
    assert "cannot be read (No such file or directory)" in refused(None)
    assert "is of cast, version 1, not of cast, version 2" in refused(whole, version=2)
    assert "greet/eve was not planned by this run" in refused(whole, Instance("greet", "eve"))
    assert JobFile.model_validate_json(whole).instance == CAST


def test_a_job_that_waits_for_a_fan_out_of_its_own_group_is_told_apart(film: Film) -> None:
    run = film.run("monday", remote=True)
    run.targets("choir")
    run.inputs(CHOIR)
    with pytest.raises(DecisionFailed, match="put the fan-out's stage in a group of its own"):
        elsewhere(film, run, []).run(CHOIR, 1, attempt=1)


def test_job_files_are_for_their_owner_alone(film: Film) -> None:
    run = film.run("monday", remote=True)
    run.targets("cast")
    run.inputs(CAST)
    path = Path(job_path(run.session.context.folder / JOBS, CAST))
    assert path.stat().st_mode & 0o077 == 0


NAMES = "ann bob cid dan"


def test_a_batch_is_one_job_elsewhere_and_its_ticket_comes_last(film: Film) -> None:
    film.write(names=NAMES, batch=4)
    run = film.run("monday", remote=True)
    run.targets("cast")
    do(film, run, CAST)
    assert run.targets("greet") == ["artifacts/greeting/ann/v0001.json"]
    run.targets("choir")
    assert len(run.inputs(ANN)) == len(NAMES.split())
    do(film, run, ANN)
    assert run.inputs(CHOIR) == [
        f"artifacts/greeting/{name}/v0001/data.json" for name in NAMES.split()
    ]
    do(film, run, CHOIR)
    run.session.close()
    assert film.run("tuesday").data("song") == [f"hello, I am {name}" for name in NAMES.split()]
    published = [e.entity for e in run.events() if isinstance(e, ev.Published) and e.entity]
    assert sorted(published) == NAMES.split()


def test_of_a_batch_elsewhere_only_what_is_left_is_done_when_it_is_tried_again(film: Film) -> None:
    film.write(names=NAMES, fails="cid", batch=4)
    run = film.run("monday", remote=True)
    run.targets("cast")
    do(film, run, CAST)
    run.targets("greet")
    with pytest.raises(ModuleFailed, match="greet/cid"):
        do(film, run, ANN)
    assert not (film.folder / "artifacts/greeting/ann/v0001.json").exists(), "it is not done"
    said: list[str] = []
    with pytest.raises(ModuleFailed, match=r"greet/cid.*attempt 2"):
        elsewhere(film, run, said).run(ANN, 1, attempt=2)
    assert said == ["greet/bob: an earlier attempt has published greeting/bob@1"]
    run.session.close()
    assert len([each for each in run.events() if isinstance(each, ev.Cost)]) == 3


def test_with_keep_going_a_batch_elsewhere_goes_on_and_tells_each_failure(film: Film) -> None:
    film.write(names=NAMES, fails="bob cid", batch=4)
    run = film.run("monday", remote=True, keep_going=True)
    run.targets("cast")
    do(film, run, CAST)
    run.targets("greet")
    with pytest.raises(ModuleFailed, match=r"greet/bob(.|\n)*greet/cid"):
        do(film, run, ANN)
    for name, made in (("ann", True), ("bob", False), ("dan", True)):
        assert (film.folder / f"artifacts/greeting/{name}/v0001").is_dir() == made
