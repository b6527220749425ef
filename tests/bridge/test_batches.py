"""One job does many instances of a stage, and all that holds for one holds for each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from cineforge.bridge.planning.batches import LOCAL_SECONDS, PastCalls, batch_size, may_be_batched
from cineforge.bridge.planning.past_calls import past_calls
from cineforge.deciding.instance import Instance
from cineforge.model.refs import ArtifactKey
from cineforge.project import Project
from cineforge.recipes.resolved import RuleOptions
from cineforge.running.workers.spec import JobSpec
from tests.in_this_process import InThisProcess

from .film import CAST, CHOIR, Film, Run

NAMES = "ann bob cid dan eve"
ANN, BOB, CID, DAN, EVE = (Instance("greet", name) for name in NAMES.split())
FIRST = "artifacts/greeting/ann/v0001.json"


def begun(film: Film, run_id: str = "monday", **asked: Any) -> Run:
    """A run whose cast is known, and whose greetings are planned."""
    run = film.run(run_id, **asked)
    run.targets("cast")
    if run.number(CAST):
        run.do(CAST)
    run.targets("greet")
    run.targets("choir")
    return run


def of_entity(run: Run, name: str) -> list[str]:
    return [type(each).__name__ for each in run.events() if getattr(each, "entity", None) == name]


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> list[list[str | None]]:
    """Whose modules are called, a list for each go."""
    goes: list[list[str | None]] = []
    call_each = InThisProcess.call_each

    def noted(self: InThisProcess, specs: Sequence[JobSpec], *more: Any, **options: Any) -> Any:
        found = call_each(self, specs, *more, **options)
        goes.append([spec.entity for spec in specs[: len(found)]])
        return found

    monkeypatch.setattr(InThisProcess, "call_each", noted)
    return goes


def test_one_ticket_stands_for_a_batch_and_is_made_when_all_of_it_is_done(
    film: Film, called: list[list[str | None]]
) -> None:
    film.write(names=NAMES, batch=5, free=True)
    run = begun(film)
    assert run.targets("greet") == [FIRST]
    assert run.inputs(ANN) == [f"artifacts/actor/{name}/v0001/data.json" for name in NAMES.split()]
    assert FIRST in run.inputs(CHOIR)
    assert run.session.rule_inputs.reason(ANN, 1) == "greet/ann and 4 more: never built"
    assert run.session.schedule.steps_beyond_jobs() == (0, 4)
    run.do(ANN)
    assert run.session.schedule.steps_beyond_jobs() == (4, 4)
    assert (film.folder / FIRST).is_symlink()
    assert [len(go) for go in called] == [1, 4], "a first one tells how long they take"
    for each in (ANN, BOB, CID, DAN, EVE):
        assert run.data("greeting", each.entity) == f"hello, I am {each.entity}"
        assert of_entity(run, str(each.entity)) == ["JobStarted", "JobFinished", "Published"]
        assert (film.folder / f"runs/monday/logs/{each.file_name}.log").is_file()
    run.do(CHOIR)
    assert run.data("song") == [f"hello, I am {name}" for name in NAMES.split()]


def test_what_is_paid_is_published_one_by_one(film: Film, called: list[list[str | None]]) -> None:
    film.write(names=NAMES, batch=5)
    run = begun(film)
    run.do(ANN)
    assert [len(go) for go in called] == [1] * 5
    assert of_entity(run, "cid") == ["JobStarted", "Cost", "JobFinished", "Published"]
    store = run.session.context.store
    assert [call.model for call in store.metadata(store.list_versions("greeting", "cid")[0]).cost]


def test_after_a_failure_nothing_more_is_begun(film: Film, called: list[list[str | None]]) -> None:
    film.write(names=NAMES, batch=5, fails="cid", free=True)
    run = begun(film)
    assert run.fails(ANN).startswith("greet/cid (greet_v1) failed: RuntimeError: stage fright")
    assert called == [["ann"], ["bob", "cid"]]
    assert not (film.folder / FIRST).exists(), "the batch is not done"
    assert run.data("greeting", "bob") and not of_entity(run, "dan")


def test_each_instance_has_its_attempts_and_no_other_is_tried_again(
    film: Film, called: list[list[str | None]]
) -> None:
    film.write(names=NAMES, batch=5, fails="bob dan", free=True)
    run = begun(film, attempts=2)
    assert "greet/bob (greet_v1, attempt 2) failed" in run.fails(ANN)
    assert called == [["ann"], ["bob"], ["cid", "dan"], ["eve", "bob"]]
    assert "(greet_v1, attempt 2) failed" in run.fails(ANN), "as Snakemake tries the batch again"
    assert called[4:] == []


def test_with_keep_going_the_others_are_done_and_each_failure_is_told(film: Film) -> None:
    film.write(names=NAMES, batch=5, fails="bob dan", free=True)
    run = begun(film, keep_going=True)
    message = run.fails(ANN)
    assert "greet/bob (greet_v1) failed" in message and "greet/dan (greet_v1) failed" in message
    assert [run.data("greeting", name) for name in ("ann", "cid", "eve")]
    assert of_entity(run, "dan") == ["JobStarted", "JobFinished"]
    assert not (film.folder / FIRST).exists()


def test_what_is_up_to_date_after_all_is_kept_beside_what_is_built(film: Film) -> None:
    film.write(names=NAMES, batch=3, free=True)
    run = begun(film)
    for first in (ANN, DAN):
        run.do(first)
    run.session.close()
    film.write(names=NAMES, batch=5, free=True, polite=True)
    with Project(film.folder) as project:
        run = begun(film, "tuesday")
        project.hold("greeting/ann", why="it is right", who="ann")
        run.do(ANN)
    assert "greet/ann: held, has not seen: module code changed" in film.said
    assert of_entity(run, "ann") == ["Kept"]
    assert of_entity(run, "bob")[-1] == "Published"
    ticket = film.folder / "artifacts/greeting/ann/v0002.json"
    assert ticket.resolve() == film.folder / "artifacts/greeting/ann/v0001/data.json"


def test_a_head_that_is_held_meanwhile_is_in_the_way_of_no_other(
    film: Film, monkeypatch: pytest.MonkeyPatch
) -> None:
    film.write(names=NAMES, batch=5, free=True)
    run = begun(film)
    run.do(ANN)
    run.session.close()
    film.write(names=NAMES, batch=5, free=True, polite=True)
    call_each = InThisProcess.call_each
    with Project(film.folder) as project:

        def meanwhile(self: InThisProcess, specs: Sequence[JobSpec], *more: Any, **kw: Any) -> Any:
            if len(specs) > 1:
                project.hold("greeting/dan", why="it is right", who="ann")
            return call_each(self, specs, *more, **kw)

        monkeypatch.setattr(InThisProcess, "call_each", meanwhile)
        run = begun(film, "tuesday")
        run.do(ANN)
    assert (film.folder / "runs/tuesday/unpublished/greeting/dan/data.json").is_file()
    versions = run.session.context.store.list_versions
    assert [len(versions("greeting", name)) for name in NAMES.split()] == [2, 2, 2, 1, 2]


def undone(film: Film, **at_first: Any) -> Any:
    """The film as two runs left it, the second after an edit that is undone now."""
    for run_id, written in (("monday", at_first), ("tuesday", {"names": NAMES, "polite": True})):
        film.write(**{"names": NAMES, "batch": 5, "free": True, **written})
        run = begun(film, run_id)
        if run.number(ANN):
            run.do(ANN)
        run.session.close()
    film.write(**{"names": NAMES, "batch": 5, "free": True, **at_first})


def damage(film: Film, place: str, text: str) -> None:
    path = film.folder / "artifacts" / place
    path.chmod(0o644)
    path.write_text(text)


def test_an_older_version_that_is_damaged_is_made_anew_and_in_the_way_of_no_other(
    film: Film, called: list[list[str | None]]
) -> None:
    undone(film)
    damage(film, "greeting/bob/v0001/data.json", '"hello, I am Bob"')
    damage(film, "greeting/dan/v0001/meta.json", "[" * 100_000)
    run = begun(film, "wednesday")
    called.clear()
    run.do(ANN)
    assert [entity for go in called for entity in go] == ["bob", "dan"]
    last = {name: of_entity(run, name)[-1] for name in NAMES.split()}
    assert last == dict.fromkeys(NAMES.split(), "Adopted") | {
        "bob": "Published",
        "dan": "Published",
    }
    assert run.data("greeting", "bob") == "hello, I am bob"


@pytest.mark.parametrize("place", ["cast.members/_/v0001/data.json", "actor/bob/v0001/data.json"])
def test_an_older_collection_is_not_taken_where_it_or_a_member_is_damaged(
    film: Film, place: str
) -> None:
    undone(film, names="ann bob")
    damage(film, place, "")
    run = film.run("wednesday")
    run.targets("cast")
    run.do(CAST)
    told = [type(each).__name__ for each in run.events() if getattr(each, "stage", "") == "cast"]
    assert "Published" in told and "Adopted" not in told


def test_an_entity_asked_for_by_itself_has_a_job_of_its_own(film: Film) -> None:
    film.write(names=NAMES, free=True)
    run = film.run("monday")
    run.targets("cast")
    run.do(CAST)
    key = run.session.context.planner.output_keys(CID)[0]
    assert run.session.rule_inputs.current_inputs(key)[0] == ["artifacts/greeting/cid/v0001.json"]
    run.do(CID)
    assert run.data("greeting", "cid") and not of_entity(run, "dan")


def test_stages_over_the_same_entities_have_the_same_batches(film: Film) -> None:
    film.write(names=NAMES, batch=3)
    run = begun(film)
    batches = run.session.schedule.batches
    assert [len(batches.of(each)) for each in (ANN, BOB, CID, DAN, EVE)] == [2, 2, 3, 3, 3]
    clap = {each: Instance("clap", each.entity) for each in (ANN, BOB, CID, DAN, EVE)}
    recipe = run.session.context.recipe
    stages = {**recipe.stages, "clap": replace(recipe.stages["greet"], id="clap")}
    batches._recipe = replace(recipe, stages=stages)
    batches.plan(clap[each] for each in (EVE, DAN, CID, ANN))
    for each in (CID, DAN, EVE):
        assert {one.entity for one in batches.of(clap[each])} == {
            one.entity for one in batches.of(each)
        }


def test_what_calls_take_is_told_by_the_run_that_began_last_whatever_its_name(film: Film) -> None:
    film.write(names="ann bob", free=True)
    film.run_all("zulu")
    film.write(names="ann bob cid")
    run = begun(film, "alpha")
    run.do(CID)
    run.session.close()
    stage = film.recipe.stages["greet"]
    with Project(film.folder) as project:
        keys = [ArtifactKey("greeting", name) for name in ("ann", "bob", "cid")]
        assert past_calls(project.store, stage, keys).paid


@pytest.mark.parametrize(
    ("count", "past", "size"),
    [
        (4, PastCalls(), 1),
        (1000, PastCalls(), 125),
        (50_000, PastCalls(), 200),
        (1000, PastCalls(seconds=0.1), 10),
        (1000, PastCalls(seconds=3), 1),
        (1000, PastCalls(seconds=0.001, paid=True), 1),
    ],
)
def test_a_batch_is_as_large_as_its_work_is_small(
    film: Film, count: int, past: PastCalls, size: int
) -> None:
    greet = film.recipe.stages["greet"]
    assert batch_size(greet, count, 2, LOCAL_SECONDS, past) == size
    asked = replace(greet, options=RuleOptions(batch=7))
    assert batch_size(asked, count, 2, LOCAL_SECONDS, past) == 7


@pytest.mark.parametrize(
    "options",
    [{"timeout": 5.0}, {"retries": 1}, {"resources": {"mem_mb": 5}}, {"threads": 2}, {"batch": 1}],
)
def test_what_has_limits_of_its_own_has_a_job_of_its_own(
    film: Film, options: dict[str, Any]
) -> None:
    recipe = film.recipe
    greet = recipe.stages["greet"]
    assert may_be_batched(recipe, greet, keep_going=False)
    own = replace(greet, options=RuleOptions(**options))
    assert not may_be_batched(recipe, own, keep_going=False)
    if "batch" not in options:
        said = replace(own, options=replace(own.options, batch=3))
        assert may_be_batched(recipe, said, keep_going=False)


def test_with_keep_going_only_what_is_needed_as_a_whole_is_one_job(film: Film) -> None:
    recipe = film.recipe
    assert may_be_batched(recipe, recipe.stages["greet"], keep_going=True)
    assert not may_be_batched(recipe, recipe.stages["cast"], keep_going=False)
