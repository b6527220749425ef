"""A run that goes by a plan does nothing that is not in it, also when something changes after the run has begun."""

from __future__ import annotations

import pytest

from cineforge.bridge.remote.job_process import JobProcess
from cineforge.bridge.request.planned_work import PlannedWork
from cineforge.deciding.instance import Instance
from cineforge.model.errors import DecisionFailed
from tests.bridge.film import CAST, CHOIR, Film

ANN = Instance("greet", "ann")
OTHER = "sha256:" + "0" * 64


def work(*names: str, **more: object) -> PlannedWork:
    return PlannedWork(frozenset(names), **{"open_stages": frozenset(), "fingerprints": {}, **more})  # type: ignore[arg-type]


def test_what_is_not_in_the_plan_is_not_begun(film: Film) -> None:
    run = film.run("monday", planned=work("cast", "greet/ann", "choir"))
    run.targets("cast")
    run.do(CAST)
    with pytest.raises(DecisionFailed, match="greet/bob is to be built, which was not planned"):
        run.targets("greet")
    run.session.close()
    again = film.run("tuesday", planned=work("cast", open_stages=frozenset({"greet"})))
    again.targets("greet")
    again.do(ANN)


@pytest.mark.parametrize("remote", [False, True], ids=["here", "elsewhere"])
def test_what_reads_something_else_than_was_planned_is_not_built(film: Film, remote: bool) -> None:
    film.run_all("monday")
    film.write(names="ann bob cid")
    names = ("cast", "greet/cid", "choir")
    run = film.run("tuesday", remote=remote, planned=work(*names, fingerprints={"choir": OTHER}))
    recipe = film.recipe

    def do(instance: Instance) -> None:
        number = run.number(instance)
        assert number is not None
        run.inputs(instance)
        if remote:
            folder = run.session.context.folder
            process = JobProcess(film.folder, folder, lambda: recipe, (film.folder,), print)
            process.run(instance, number, attempt=1)
        else:
            run.do(instance)

    run.targets("choir")
    run.targets("cast")
    do(CAST)
    run.targets("greet")
    do(Instance("greet", "cid"))
    with pytest.raises(DecisionFailed, match="choir reads something else than was planned"):
        do(CHOIR)
    run.session.close()
    assert run.data("song") == ["hello, I am ann", "hello, I am bob"]
