"""No paid call is begun past the budget of a run or of the project; the next run goes on with what was left out."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from pydantic import JsonValue

from cineforge.bridge.remote.job_process import JobProcess
from cineforge.bridge.request.spending import read_spending
from cineforge.deciding.instance import Instance
from cineforge.deciding.selection import Selection
from cineforge.history.budgets import Budget, note_ended, purse_of, set_budget
from cineforge.history.costs_file import append_cost, costs_path
from cineforge.history.run_files import read_events
from cineforge.model.errors import BudgetSpent, CineForgeError
from cineforge.model.metadata import CostRecord
from cineforge.model.records import run_events as ev
from cineforge.model.records.run_state import InstanceState
from tests.e2e.workshop import write_module, write_recipe

from .film import CAST, Film, Run

NAMES = "ann bob cid dan"
POEM = Instance("write")
POEM_CODE = """
def verse(context, number):
    context.record_cost(model="mock", estimated_cost_usd=0.25)
    return number

def run_module(inputs, params, project_config, context):
    verses = []
    for number in range(4):
        try:
            verses.append(context.remember(str(number), lambda: verse(context, number)))
        except Exception:
            break
    return ModuleResult(outputs={"poem": Output(data=verses)})
"""


def greet_all(film: Film, run_id: str, **asked: Any) -> Run:
    """A run that greets everybody, one after the other; who is left out is passed over."""
    run = film.run(run_id, **asked)
    run.targets("cast")
    if run.number(CAST) is not None:
        do(film, run, CAST)
    run.targets("greet")
    for name in NAMES.split():
        instance = Instance("greet", name)
        if run.number(instance) is not None:
            do(film, run, instance)
    run.session.close()
    return run


def do(film: Film, run: Run, instance: Instance) -> None:
    try:
        if run.session.context.settings.remote:
            run.inputs(instance)
            folder, recipe = run.session.context.folder, film.recipe
            process = JobProcess(film.folder, folder, lambda: recipe, (film.folder,), print)
            process.run(instance, run.number(instance) or 0, attempt=1)
        else:
            run.do(instance)
    except BudgetSpent as error:
        film.said.append(str(error))


def paid(run: Run) -> float:
    return sum(e.call.estimated_cost_usd for e in run.events() if isinstance(e, ev.Cost))


def greeted(run: Run) -> list[str]:
    return [
        str(e.entity) for e in run.events() if isinstance(e, ev.Published) and e.stage == "greet"
    ]


@pytest.mark.parametrize("remote", [False, True], ids=["here", "elsewhere"])
def test_past_the_budget_nothing_paid_begins_and_the_next_run_goes_on(
    film: Film, remote: bool
) -> None:
    film.write(names=NAMES)
    first = greet_all(film, "monday", remote=remote, budget=Budget(run=0.5))
    assert greeted(first) == ["ann", "bob"] and paid(first) == 0.5
    assert "greet/cid: left out for the budget of $0.50 for this run, which is spent" in film.said
    told = "$0.50 was paid; left out for the budget: greet/cid, greet/dan."
    end = [each for each in first.events() if isinstance(each, ev.Failed | ev.RunFinished)]
    assert end[0].message.startswith(told)  # type: ignore[union-attr]
    assert end[1].status is ev.RunStatus.FAILED  # type: ignore[union-attr]
    second = greet_all(film, "tuesday", remote=remote, budget=Budget(run=0.5))
    assert greeted(second) == ["cid", "dan"]


def test_of_what_was_forced_it_is_not_said_that_the_next_run_goes_on(film: Film) -> None:
    film.write(names=NAMES)
    greet_all(film, "monday")
    forced = greet_all(film, "tuesday", budget=Budget(run=0.5), force_all=True)
    [told] = [each.message for each in forced.events() if isinstance(each, ev.Failed)]
    assert "left out for the budget: greet/cid, greet/dan. Some of it was forced" in told
    again = greet_all(film, "wednesday")
    assert not again.session.context.folder.exists(), "nothing is to do without forcing"


def test_what_a_call_has_cost_before_is_kept_back_before_it_begins(film: Film) -> None:
    film.write(names=NAMES)
    film.run_all("monday")
    run = greet_all(film, "tuesday", force_all=True, budget=Budget(run=0.6))
    assert greeted(run) == ["ann", "bob"]
    assert (
        "greet/cid: left out for the budget of $0.60 for this run, of which $0.10 is left,"
        " and $0.25 is expected to be paid" in film.said
    )


def test_the_budget_of_the_project_counts_all_its_runs(film: Film) -> None:
    film.write(names=NAMES)
    greet_all(film, "monday", budget=Budget(run=0.5))
    second = greet_all(film, "tuesday", budget=Budget(project=0.75))
    assert greeted(second) == ["cid"]
    third = greet_all(film, "wednesday", budget=Budget(run=10, project=0.75))
    assert greeted(third) == [] and "for the project" in film.said[-1] + film.said[-2]
    assert greeted(greet_all(film, "thursday", budget=Budget(run=10))) == ["dan"]


def test_within_an_instance_no_remembered_call_begins_past_the_budget(tmp_path: Path) -> None:
    film = Film(tmp_path / "film", [], [])
    write_module(
        film.folder, "write_v1", {"stage": "write", "outputs": [{"type": "poem"}]}, POEM_CODE
    )
    write_recipe(film.folder, [{"id": "write", "module": "write_v1"}])
    for day in ("monday", "tuesday"):
        run = film.run(day, budget=Budget(run=0.5))
        run.targets("write")
        do(film, run, POEM)
        run.session.close()
        assert paid(run) == 0.5
    assert run.data("poem") == [0, 1, 2, 3], "the module that caught the error made nothing of it"
    monday = film.run("look").session.context.folder.with_name("monday")
    left = [each.why for each in read_events(monday) if isinstance(each, ev.LeftOut)]
    assert left == ["left out for the budget of $0.50 for this run, which is spent"]


def test_what_is_left_out_is_skipped_and_no_failure_of_its_module(film: Film) -> None:
    film.write(names=NAMES)
    run = greet_all(film, "monday", budget=Budget(run=0.25))
    state = run.session.context.log._recorder
    assert state is not None
    stages = {each.stage: each for each in state.fold.state().stages}
    found = {each.entity: each.state for each in stages["greet"].instances}
    assert found == {
        "ann": InstanceState.DONE,
        **dict.fromkeys(("bob", "cid", "dan"), InstanceState.SKIPPED),
    }


def test_what_is_free_is_done_past_any_budget(film: Film) -> None:
    film.write(names=NAMES)
    film.run_all("monday")
    forced = Selection(frozenset({"choir"}))
    run = film.run("tuesday", budget=Budget(run=0), forced_selection=forced)
    run.targets("choir")
    run.do(Instance("choir"))
    run.session.close()
    assert [e.stage for e in run.events() if isinstance(e, ev.Published)] == ["choir"]


def _try(project: str, number: int) -> bool:
    folder = Path(project)
    purse = purse_of(folder, "monday")
    assert purse is not None
    path = costs_path(folder / "runs/monday", "greet", f"e{number}", 1)
    try:
        purse.admit(path, 0.25)
    except BudgetSpent:
        return False
    if number % 2:
        append_cost(path, CostRecord(model="m", estimated_cost_usd=0.25))
        note_ended(path)
    return True


def test_processes_that_ask_at_once_never_take_the_same_dollar(tmp_path: Path) -> None:
    (tmp_path / "runs/monday/logs").mkdir(parents=True)
    set_budget(tmp_path, "monday", Budget(run=1.0))
    with ProcessPoolExecutor(4, mp_context=get_context("spawn")) as pool:
        admitted = list(pool.map(_try, [str(tmp_path)] * 24, range(24)))
    assert sum(admitted) == 4


def test_what_was_expected_and_not_paid_is_free_again_when_the_instance_has_ended(
    tmp_path: Path,
) -> None:
    (tmp_path / "runs/friday/logs").mkdir(parents=True)
    set_budget(tmp_path, "friday", Budget(run=1.0))
    purse = purse_of(tmp_path, "friday")
    assert purse is not None
    first, second = (costs_path(tmp_path / "runs/friday", "a", name, 1) for name in "xy")
    purse.admit(first, 0.9)
    with pytest.raises(BudgetSpent):
        purse.admit(second, 0.9)
    append_cost(first, CostRecord(model="m", estimated_cost_usd=0.05))
    note_ended(first)
    purse.admit(second, 0.9)
    again = costs_path(tmp_path / "runs/friday", "a", "y", 2)
    purse.admit(again, 0.9)  # the attempt before was killed, and cannot pay any more


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ({"spending": 5}, "config.yaml: spending: write keys and amounts"),
        ({"spending": {"budgte": 5}}, "spending.budgte: .*did you mean 'budget'"),
        ({"spending": {"budget": "much"}}, "spending.budget: write an amount of US dollars"),
        (
            {"spending": {"project_budget": -1}},
            "spending.project_budget: -1 US dollars: it must not be",
        ),
        ({"spending": {"confirm_above": float("nan")}}, "spending.confirm_above: write an amount"),
        ({"spending": {"budget": True}}, "spending.budget: write an amount"),
        ({"spending": {"budgte": 5, "confirm_above": "x"}}, "(?s)budgte: .*confirm_above: write"),
    ],
)
def test_amounts_that_are_none_are_told(config: dict[str, Any], told: str) -> None:
    with pytest.raises(CineForgeError, match=told):
        read_spending(config)


def test_options_go_before_the_configuration() -> None:
    config: dict[str, JsonValue] = {
        "spending": {"budget": "5", "project_budget": 100, "confirm_above": 2.5}
    }
    assert read_spending(config).budget == Budget(5, 100)
    found = read_spending(config, budget=1, confirm_above=0)
    assert (found.budget, found.confirm_above) == (Budget(1, 100), 0)
