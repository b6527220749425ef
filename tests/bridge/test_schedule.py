"""What a run has to do is decided once, claimed, numbered, and put on record."""

from __future__ import annotations

from typing import Any

import pytest

from cineforge.deciding.instance import Instance
from cineforge.history.run_claims import Claim
from cineforge.model.errors import ProjectBusy
from cineforge.model.records import run_events as ev
from cineforge.model.records.decision_record import Action

from .film import CAST, CHOIR, Film


def test_an_instance_is_decided_and_put_on_record_once(film: Film) -> None:
    run = film.run("monday")
    for _ in range(2):
        run.targets("cast")
        run.targets("choir")
    decided = [event.decision for event in run.events() if isinstance(event, ev.Decided)]
    assert [(each.instance, each.action, each.version) for each in decided] == [
        ("cast", Action.BUILD, 1),
        ("choir", Action.BUILD, 1),
    ]
    assert decided[1].pending == ("cast",)


class LookedAt(set[Instance]):
    """What is done; how often all of it, or one of it, is looked at."""

    all_of_it = 0
    one_of_it = 0

    def __or__(self, other: Any) -> Any:
        self.all_of_it += 1
        return super().__or__(other)

    def __contains__(self, item: object) -> bool:
        self.one_of_it += 1
        return super().__contains__(item)


@pytest.mark.parametrize("names", ["ann bob cid", "ann bob cid dan eve"])
def test_what_is_done_is_not_gone_through_for_each_of_a_batch(film: Film, names: str) -> None:
    film.write(names=names, batch=9, free=True)
    run = film.run("monday")
    run.targets("cast")
    run.do(CAST)
    run.targets("greet")
    done = run.session.schedule.done = LookedAt(run.session.schedule.done)
    run.do(Instance("greet", "ann"))
    count = len(names.split())
    assert done.all_of_it == 0
    assert done.one_of_it <= 2 * count, "once what is left to do, once to count it"
    looks = done.one_of_it
    assert run.session.schedule.steps_beyond_jobs() == (count - 1, count - 1)
    assert done.one_of_it == looks, "Snakemake asks after each job"


def test_what_is_up_to_date_is_one_event_a_stage_and_saves_nothing(film: Film) -> None:
    film.run_all("monday")
    film.write(names="ann bob cid")
    run = film.run("tuesday")
    run.targets("cast")
    run.do(CAST)
    run.targets("greet")
    (kept,) = [event for event in run.events() if isinstance(event, ev.UpToDate)]
    assert (kept.stage, kept.entities) == ("greet", ("ann", "bob"))
    assert kept.saved_usd == 0, "no run spares anew what was paid once"


def test_what_vanishes_is_named_by_the_run_in_which_it_does_and_by_no_other(film: Film) -> None:
    film.run_all("monday")
    for run_id, names, gone in (
        ("tuesday", "ann cid", "bob"),
        ("wednesday", "ann cid bea", ""),
        ("thursday", "bea", "ann, actor/cid"),
    ):
        film.write(names=names)
        film.run_all(run_id, forget=False)
        told = [line for line in film.said if line.startswith("gone: ")]
        assert told == (
            [f"gone: actor/{gone}, which no fan-out names any more: cineforge status --gone"]
            if gone
            else []
        )
        film.said.clear()


def test_a_dry_run_numbers_work_but_reserves_claims_and_records_nothing(film: Film) -> None:
    film.run_all("monday")
    film.write(polite=True)
    before = sorted(film.folder.rglob("*"))
    run = film.run("tuesday", executing=False)
    assert run.targets("greet") == [
        "artifacts/greeting/ann/v0002.json",
        "artifacts/greeting/bob/v0002.json",
    ]
    run.session.close()
    assert sorted(film.folder.rglob("*")) == before


def test_an_overlap_of_two_runs_is_told_before_anything_begins(film: Film) -> None:
    first, second = film.run("monday"), film.run("tuesday")
    first.session.schedule.claim_ahead()
    with pytest.raises(ProjectBusy, match=r"run monday .* may yet make greeting/\*|is making"):
        second.session.schedule.claim_ahead()
    assert not (film.folder / "runs").exists()
    first.session.close()
    second.session.schedule.claim_ahead()


def test_what_fan_outs_will_bring_is_claimed_by_pattern(film: Film) -> None:
    run = film.run("monday")
    run.session.schedule.claim_ahead()
    lines = (film.folder / "artifacts/.live/claims/monday").read_text().splitlines()[1:]
    assert {Claim(*line.split("/")) for line in lines} == {
        Claim("cast.members", "_"),
        Claim("greeting", "*"),
        Claim("song", "_"),
    }


def test_another_run_that_ended_just_before_the_claim_leaves_nothing_to_do(film: Film) -> None:
    run = film.run("tuesday")
    run.session.context.world.head(next(iter(run.session.context.planner.output_keys(CHOIR))))
    film.run_all("monday")
    run.session.schedule.claim_ahead()
    assert run.targets("greet")[0].endswith("/data.json")
    assert run.number(Instance("greet", "ann")) is None
