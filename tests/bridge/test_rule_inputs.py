"""What Snakemake's input functions get: tickets of work to be done, payloads of what is there."""

from __future__ import annotations

import pytest

from cineforge.deciding.instance import Instance
from cineforge.model.errors import DecisionFailed
from cineforge.model.refs import ArtifactKey

from .film import CAST, CHOIR, Film

CAST_TICKET = "artifacts/cast.members/_/v0001.json"


def test_beyond_a_fan_out_that_has_yet_to_run_only_its_ticket_is_known(film: Film) -> None:
    run = film.run("monday")
    assert run.targets("cast") == [CAST_TICKET]
    assert run.targets("greet") == [CAST_TICKET]
    assert run.targets("choir") == ["artifacts/song/_/v0001.json"]
    assert run.inputs(CHOIR) == [CAST_TICKET]


def test_a_fan_out_that_has_run_gives_way_to_its_members(film: Film) -> None:
    run = film.run("monday")
    run.targets("cast")
    run.do(CAST)
    tickets = [f"artifacts/greeting/{name}/v0001.json" for name in ("ann", "bob")]
    assert run.targets("greet") == tickets
    run.targets("choir")
    assert run.inputs(CHOIR) == tickets
    assert run.inputs(Instance("greet", "ann")) == ["artifacts/actor/ann/v0001/data.json"]


def test_a_stage_without_work_waits_for_one_payload_that_is_there(film: Film) -> None:
    film.run_all("monday")
    run = film.run("tuesday")
    (path,) = run.targets("greet")
    assert (film.folder / path).is_file()
    assert not run.session.context.folder.exists(), "nothing to do leaves no record"


def test_the_ticket_of_a_published_version_waits_for_that_version(film: Film) -> None:
    film.run_all("monday")
    answers = film.run("tuesday").session.rule_inputs
    assert answers.job_inputs(CHOIR, 1) == ["artifacts/song/_/v0001/data.json"]
    with pytest.raises(
        DecisionFailed, match=r"v0007\.json is neither published nor planned"
    ) as told:
        answers.job_inputs(CHOIR, 7)
    assert "ask for current/song/_.json" in str(told.value)


def test_a_link_waits_for_its_head_once_there_is_no_work_behind_it(film: Film) -> None:
    run = film.run("monday")
    song = ArtifactKey("song", None)
    assert run.session.rule_inputs.current_inputs(song) == (["artifacts/song/_/v0001.json"], False)
    run.session.close()
    film.run_all("tuesday")
    number = film.run("wednesday").session.context.store.head(song)
    assert number is not None
    payload = f"artifacts/song/_/v{number.version:04d}/data.json"
    answers = film.run("thursday").session.rule_inputs
    assert answers.current_inputs(song) == ([payload], True)
    with pytest.raises(DecisionFailed, match="the recipe 'made' makes no opera"):
        answers.current_inputs(ArtifactKey("opera", None))
    with pytest.raises(DecisionFailed, match="there is no actor 'eve'"):
        answers.current_inputs(ArtifactKey("greeting", "eve"))


def test_what_a_person_put_during_the_run_is_read_by_what_is_asked_later(film: Film) -> None:
    film.run_all("monday")
    film.write(polite=True)
    run = film.run("tuesday")
    run.targets("greet")
    film.put("actor", "ann", "anna")
    assert "artifacts/actor/ann/v0002/data.json" in run.inputs(Instance("greet", "ann"))


def test_why_a_job_is_there_is_its_decision_in_words(film: Film) -> None:
    run = film.run("monday")
    run.targets("greet")
    run.targets("choir")
    answers = run.session.rule_inputs
    assert answers.reason(CAST, 1) == "cast: never built"
    assert answers.reason(CHOIR, 1) == "choir: never built"
    assert answers.reason(CHOIR, 4) == "choir: link to a published version"
