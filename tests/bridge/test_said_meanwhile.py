"""What people say while a run is on: heeded by jobs here and in other processes, and told as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from cineforge.deciding.instance import Instance
from cineforge.model.records import run_events as ev
from cineforge.project import Project

from .film import CAST, CHOIR, Film, Run
from .test_remote_jobs import ANN, BOB, elsewhere

#: Where jobs are done: in workers of the run's own, or in processes of their own.
PLACES = pytest.mark.parametrize("remote", [False, True], ids=["here", "elsewhere"])


@pytest.fixture
def people(film: Film) -> Iterator[Project]:
    """Somebody at work in a project whose next run asks all of its modules again."""
    film.run_all("first")
    with Project(film.folder) as project:
        yield project


def begun(film: Film, run_id: str, *, remote: bool) -> Run:
    run = film.run(run_id, remote=remote)
    for stage in ("cast", "greet", "choir"):
        run.targets(stage)
    for instance in (CAST, ANN, BOB, CHOIR):
        if run.number(instance) is not None:
            run.inputs(instance)
    return run


def do(film: Film, run: Run, *instances: Instance) -> None:
    remote = run.session.context.settings.remote
    for instance in instances:
        number = run.number(instance)
        assert number is not None
        if remote:
            elsewhere(film, run, film.said).run(instance, number, attempt=1)
        else:
            run.do(instance)


@PLACES
def test_what_is_to_be_revised_is_made_anew_by_the_run_that_comes_to_it(
    film: Film, people: Project, remote: bool
) -> None:
    film.write(polite=True)
    run = begun(film, "second", remote=remote)
    people.revise("song", who="ann", why="too short")
    do(film, run, ANN, BOB, CHOIR)
    run.session.close()
    assert people.history("song")[-1].ref.version == 2, film.said
    assert not people.status().to_revise


@PLACES
def test_what_is_confirmed_is_kept_by_the_run_that_comes_to_it(
    film: Film, people: Project, remote: bool
) -> None:
    film.put("greeting", "bob", "hello, I am bob, too")
    run = begun(film, "second", remote=remote)
    people.confirm("song", who="ann", why="still fine")
    do(film, run, CHOIR)
    run.session.close()
    assert str(people.ref("song")) == "song@1", film.said
    assert [e.ref for e in run.events() if isinstance(e, ev.Kept)] == ["song@1"]


@PLACES
def test_what_is_confirmed_too_late_to_be_kept_is_told(
    film: Film, people: Project, during: list[Callable[[], object]], remote: bool
) -> None:
    film.put("greeting", "bob", "hello, I am bob, too")
    run = begun(film, "second", remote=remote)
    during.append(lambda: people.confirm("song", who="ann", why="still fine"))
    do(film, run, CHOIR)
    run.session.close()
    told = (
        "confirmed: song@1, while the run was on, which made song@2 all the same:"
        " 'cineforge diff song@1 song@2'"
    )
    assert film.said.count(told) == 1, film.said


def test_what_is_not_held_any_more_is_not_told_as_held(film: Film, people: Project) -> None:
    film.put("greeting", "bob", "hello, hello")
    film.put("song", None, ["mine"])
    for word, told in (
        ("hold", ["held: song has not seen what changed: 'cineforge confirm song' if it still"]),
        ("confirm", []),
        ("release", ["released: choir, held as the run came to it: the same command again has it"]),
    ):
        film.put("greeting", "bob", f"hello, {word}")
        film.said.clear()
        run = begun(film, f"after {word}".replace(" ", "-"), remote=False)
        getattr(people, word)("song", who="ann")
        run.session.close()
        lines = [each for each in film.said if each.startswith(("held:", "released:"))]
        assert [line[: len(start)] for line, start in zip(lines, told, strict=True)] == told


@PLACES
def test_what_is_put_during_the_call_of_its_module_is_what_others_read(
    film: Film, people: Project, during: list[Callable[[], object]], remote: bool
) -> None:
    film.write(polite=True)
    run = begun(film, "second", remote=remote)
    during.append(lambda: film.put("greeting", "ann", "good day"))
    do(film, run, ANN, BOB, CHOIR)
    run.session.close()
    assert "greeting/ann@2 was published, but is superseded by greeting/ann@3" in str(film.said)
    song = people.show("song")
    assert song.data == ["good day", "hello, I am bob"]
    assert "greeting/ann@3" in map(str, (each.ref for each in song.metadata.lineage))


@pytest.mark.parametrize("word", ["hold", "put"])
def test_what_a_job_elsewhere_has_published_is_known_to_who_says_something_of_it(
    film: Film, people: Project, word: str
) -> None:
    film.write(free=True)
    run = begun(film, "second", remote=True)
    do(film, run, ANN)  # the run has not looked yet
    if word == "hold":
        acknowledged = str(people.hold("greeting/ann", who="ann"))
    else:
        acknowledged = str(people.put("greeting/ann", "good day", who="ann"))
    do(film, run, BOB, CHOIR)
    run.session.close()
    assert str(people.ref("greeting/ann")) == acknowledged
