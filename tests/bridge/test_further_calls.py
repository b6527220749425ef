"""Of members that nobody knows yet a plan expects as many as fan-outs made anew when they were called again."""

from __future__ import annotations

from cineforge.deciding.dry_run.dry_run_planner import DryRunPlanner
from cineforge.deciding.dry_run.make_plan import make_plan
from cineforge.deciding.selection import everything
from cineforge.history.reading.members_again import further_calls

from .film import Film


def expected(film: Film) -> dict[str, float]:
    run = film.run("look", executing=False)
    context = run.session.context
    plan = make_plan(DryRunPlanner(context.recipe, context.world), everything(context.recipe))
    found = further_calls(context.store, context.recipe, plan)
    run.session.close()
    return found


def test_so_many_calls_are_likely_as_there_were_before(film: Film) -> None:
    film.write(names="ann bob cid dan")
    assert expected(film) == {"greet": 0.0}, "nothing is on record"
    film.run_all("monday")
    film.write(names="ann bob cid eve")
    assert expected(film) == {"greet": 2.0}, "half of those that there are"
    film.run_all("tuesday")
    film.write(names="ann bob cid eve fay")
    assert expected(film) == {"greet": 1.0}, "eve was new"
    film.write(names="ann bob cid eve")
    assert expected(film) == {}
