"""What a manifest estimates tells of cost alone: no edit of it makes anything anew, whatever release sealed that."""

from __future__ import annotations

import pytest

from cineforge.deciding.instance import Instance
from cineforge.model.records import run_events as ev
from cineforge.recipes.modules import module_code

from .film import CHOIR, Film
from .paying_film import elsewhere

ANN, BOB = Instance("greet", "ann"), Instance("greet", "bob")


def estimate(film: Film, text: str) -> None:
    """Say what a greeting and a song cost; `write` takes it away again."""
    film.write()
    for name in ("greet", "choir"):
        manifest = film.folder / "modules" / name / f"{name}_v1" / "module.yaml"
        manifest.write_text(manifest.read_text(encoding="utf-8") + text, encoding="utf-8")


def made_by_an_earlier_release(film: Film, run_id: str) -> None:
    """A run that counts estimates as code, as releases before did."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module_code, "without_estimate", lambda content: content)
        film.run_all(run_id)


def work(film: Film) -> list[str]:
    run = film.run("look", executing=False)
    for stage in ("cast", "greet", "choir"):
        run.targets(stage)
    run.session.close()
    return [str(each) for each in (Instance("cast"), ANN, BOB, CHOIR) if run.number(each)]


def test_an_estimate_that_is_written_changed_or_removed_makes_nothing_anew(film: Film) -> None:
    film.run_all("monday")
    for text in ("estimate: {usd: 0.25}\n", "estimate: {usd: 9}\n", ""):
        estimate(film, text)
        assert work(film) == []


def test_what_an_earlier_release_made_with_an_estimate_is_up_to_date_and_adopted(
    film: Film,
) -> None:
    estimate(film, "estimate: {usd: 0.25}\n")
    made_by_an_earlier_release(film, "monday")
    assert work(film) == []
    film.write(polite=True)
    film.run_all("tuesday")
    estimate(film, "estimate: {usd: 0.25}\n")
    run = film.run("wednesday")
    run.targets("greet")
    run.do(ANN)
    assert [each.entity for each in run.events() if isinstance(each, ev.Adopted)] == ["ann"]
    run.session.close()


def test_a_job_elsewhere_keeps_what_an_earlier_release_made(film: Film) -> None:
    estimate(film, "estimate: {usd: 0.25}\n")
    made_by_an_earlier_release(film, "monday")
    greet = film.folder / "modules" / "greet" / "greet_v1" / "main.py"
    greet.write_text(greet.read_text(encoding="utf-8") + "# politely\n", encoding="utf-8")
    run = film.run("tuesday", remote=True)
    run.targets("greet")
    run.targets("choir")
    process = elsewhere(film, run)
    for instance in (ANN, BOB, CHOIR):
        number = run.number(instance) or 0
        assert run.inputs(instance) == process.job_inputs(instance, number)
        process.run(instance, number, attempt=1)
    assert "choir: kept after all, song@1 is up to date" in film.said
    run.session.close()
