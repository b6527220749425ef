"""A certificate never hides work: what changes while a run looks, what a person has to hear, and random histories."""

from __future__ import annotations

import random
import shutil
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from cineforge import Project
from cineforge.bridge.certificate import all_certified
from cineforge.deciding.decide import Decision
from cineforge.deciding.instance import Instance
from cineforge.deciding.unmoved import Unmoved
from cineforge.model.records.decision_record import Action
from cineforge.project import next_run, opening
from cineforge.store import layout
from tests.bridge.certified import (
    Stage,
    copy_in,
    edit,
    files,
    film,
    put,
    reindex,
    rest,
    say,
)

__all__ = ["film"]


def only_ask(film: Stage) -> None:
    """Open and close the project, as a command that asks something."""
    with Project(film.folder) as project:
        project.status()


def there_and_back(name: str) -> Callable[[Stage], object]:
    def changed(film: Stage) -> None:
        for _ in range(2):
            edit(film.folder / name)

    return changed


@pytest.mark.parametrize(
    "change",
    [put, copy_in, say("hold", "song"), files("names.txt"), there_and_back("recipes/made.yaml")],
    ids=["put", "copied in", "held", "edited", "edited and edited back"],
)
def test_what_changes_while_a_run_looks_is_in_no_certificate(
    film: Stage, change: Callable[[Stage], object]
) -> None:
    edit(film.folder / "config.yaml")  # the certificate that is there is void
    edit(film.folder / "config.yaml")
    shutil.rmtree(film.folder / layout.PRIVATE / "certificates")
    film.look(change)
    assert film.certificate() is None


def test_what_a_person_has_to_hear_is_in_no_certificate(film: Stage) -> None:
    put(film)
    film.run_all("second")
    film.write(polite=True)
    film.run_all("third")
    time.sleep(0.05)
    assert film.look()
    assert (
        "greeting/ann" in film.said[-1] or "greet/ann" in film.said[-1]
    )  # held, and has not seen the code
    assert film.certificate() is None


def bring_from_a_copy(film: Stage) -> None:
    """What somebody has put in a copy of the project."""
    copy = Path(shutil.copytree(film.folder, film.folder.with_name("copy"), symlinks=True))
    with Project(copy) as project:
        ref = project.put("actor/bob", f"bob {time.time_ns()}", why="it was another")
    assert ref is not None
    shutil.copytree(copy / ref.path, film.folder / ref.path, copy_function=shutil.copyfile)
    shutil.rmtree(copy)


def make_a_part(film: Stage) -> None:
    """The cast alone, of which others may read something else then."""
    film.run_all(f"run-{time.time_ns()}", stages=["cast"])


def test_who_was_gone_when_all_was_kept_is_looked_at(
    film: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    film.cast("ann")
    film.work()
    rest(film)
    film.write(polite=True)  # of bob, nobody has made that anew
    film.cast("ann")
    film.work()
    film.cast("ann cid")  # whether he is back is known when the cast has run
    told = []
    for known_before in (opening.known_before, lambda *_: None):
        monkeypatch.setattr(opening, "known_before", known_before)
        with Project(film.folder) as project:
            planner = opening.open_planner(project.store, film.folder, for_many=True)
            assert planner is not None
            told.append([planner.decision(Instance("greet", each)) for each in ("ann", "bob")])
    assert told[0] == told[1]
    assert [each.action for each in told[0]] == [Action.UNKNOWN, Action.BUILD]


def do_all(film: Stage) -> None:
    """Let runs have all that people held, and run."""
    for named in ("song", "greeting/ann", "greeting/bob", "actor/bob"):
        say("release", named)(film)
    film.work()


#: What may happen between two commands, many times over.
STEPS: tuple[Callable[[Stage], object], ...] = (
    lambda film: film.cast("ann bob"),
    lambda film: film.cast("ann bob cid"),
    lambda film: film.write(polite=True),
    lambda film: film.write(polite=False),
    lambda film: film.run_all(f"run-{time.time_ns()}"),
    do_all,
    do_all,
    put,
    say("hold", "song"),
    say("release", "song"),
    say("revise", "greeting/ann"),
    say("confirm", "song"),
    say("hold", "greeting/bob"),
    bring_from_a_copy,
    make_a_part,
    reindex,
    only_ask,
)


def noting(ask: Callable[[Path], bool], answers: list[bool]) -> Callable[[Path], bool]:
    def asked(folder: Path) -> bool:
        answers.append(ask(folder))
        return answers[-1]

    return asked


def counting(
    decision: Callable[[Unmoved, Instance], Decision | None], known: Counter[str]
) -> Callable[[Unmoved, Instance], Decision | None]:
    def counted(known_of: Unmoved, instance: Instance) -> Decision | None:
        found = decision(known_of, instance)
        known["by a look" if found is None else "without a look"] += 1
        return found

    return counted


@pytest.mark.parametrize("seed", range(3))
def test_a_certificate_never_hides_work_and_changes_no_answer(
    film: Stage, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    choices = random.Random(seed)
    certified = 0
    known = Counter[str]()
    monkeypatch.setattr(Unmoved, "decision", counting(Unmoved.decision, known))
    used: list[bool] = []
    monkeypatch.setattr(opening, "is_certified", noting(opening.is_certified, used))
    monkeypatch.setattr(next_run, "is_certified", opening.is_certified)
    for _ in range(25):
        choices.choice(STEPS)(film)
        if choices.random() < 0.6:
            time.sleep(0.05)  # what has just changed is not certified
            film.look()
        found = film.certificate()
        has_work = film.has_work()
        assert found is None or not has_work
        certified += found is not None
        same_answers_without_it(film, monkeypatch)
    assert certified >= 2
    assert known["without a look"] >= 20
    do_all(film)
    rest(film)
    used.clear()
    same_answers_without_it(film, monkeypatch)
    assert any(used)


def same_answers_without_it(film: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    answered = film.answers()
    with monkeypatch.context() as patch:
        patch.setattr(all_certified, "find_certificate", lambda *_: None)
        patch.setattr(opening, "known_before", lambda *_: None)
        assert film.answers() == answered
