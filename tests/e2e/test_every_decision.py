"""The final decision on every instance is on record, with all its reasons, wherever its job ran."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cineforge.history.plan_fold import PlanFold
from cineforge.history.run_files import read_events, read_state
from cineforge.model.records.run_plan import RunPlan

from .conftest import Project
from .test_remote_jobs import film, remotely, write_film

pytestmark = pytest.mark.e2e
__all__ = ["film"]


@pytest.fixture(params=["here", "elsewhere"])
def second_run(film: Project, request: pytest.FixtureRequest) -> Project:
    """A film whose cast was changed between its two runs: everything below is unknown at first."""

    def run() -> None:
        if request.param == "here":
            film.snakemake()
        else:
            remotely(film)

    run()
    write_film(film.folder, names="ann cid")
    run()
    return film


def test_the_plan_ends_with_the_typed_reasons_of_every_instance(second_run: Project) -> None:
    folder = _latest(second_run)
    plan = RunPlan.model_validate_json((folder / "plan.json").read_bytes())

    reasons = {
        decision.instance: [_told(reason) for reason in decision.model_dump()["reasons"]]
        for decision in plan.decisions
    }

    assert all(decision.final for decision in plan.decisions)
    assert reasons == {
        "cast": ["params names"],
        "greet/cid": ["never_built"],
        "choir": ["members cid bob"],
    }
    assert plan.kept == ("greet/ann",)


def test_plan_and_state_are_the_events_folded(second_run: Project) -> None:
    folder = _latest(second_run)
    fold = PlanFold()
    for event in read_events(folder):
        fold.add(event)
    plan = RunPlan.model_validate_json((folder / "plan.json").read_bytes())

    assert json.loads(fold.text()) == json.loads((folder / "plan.json").read_bytes())
    recorded = {
        each.decision.instance: each.decision
        for stage in read_state(folder).stages
        for each in stage.instances
        if each.decision is not None
    }
    assert {each.instance: each for each in plan.decisions}.items() <= recorded.items()
    assert set(plan.kept) == recorded.keys() - {each.instance for each in plan.decisions}


def _latest(project: Project) -> Path:
    # Not by name: two runs may begin within a second.
    return max((project.folder / "runs").iterdir(), key=lambda run: read_state(run).started_at)


def _told(reason: dict[str, Any]) -> str:
    words = [reason["kind"], *reason.get("names", ())]
    words += [reason[name] for name in ("before", "after") if name in reason]
    words += [*reason.get("added", ()), *reason.get("removed", ())]
    return " ".join(words)
