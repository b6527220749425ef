"""What a run does grows with what changed, and with one cheap pass over what is there: counted at two sizes."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest

from cineforge import Project
from cineforge.bridge.certificate.issuing import Issuer
from cineforge.commands.main import main
from cineforge.deciding.decide import decide
from cineforge.deciding.planner import Planner
from cineforge.history.recorder import Recorder
from cineforge.model.refs import ArtifactKey
from cineforge.project.next_run import next_run
from cineforge.running import execute
from cineforge.store import ArtifactStore
from cineforge.store.index import database
from tests.in_this_process import InThisProcess

from .certified import Stage, rest

FEW, MANY = 30, 120
#: SQLite counts its own steps, which tells of a statement that looks at everything for everything.
STEPS = 50


class Counted(Counter[str]):
    """How often each kind of work was done."""

    def each(self, few: Counted) -> dict[str, float]:
        """What one more member costs."""
        return {kind: (self[kind] - few[kind]) / (MANY - FEW) for kind in self.keys() | few.keys()}


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counted]:
    found = Counted()

    def counting(kind: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def counted_work(*given: Any, **named: Any) -> Any:
            found[kind] += 1
            return work(*given, **named)

        return counted_work

    open_index = database.Index._open

    def opened(index: Any) -> Any:
        db = open_index(index)
        db.set_trace_callback(lambda _: found.update(["SQL statements"]))
        db.set_progress_handler(lambda: found.update(["SQL steps"]), STEPS)
        return db

    with monkeypatch.context() as patch:
        for name, kind in (
            ("lstat", "looks"),
            ("stat", "looks"),
            ("open", "files opened"),
            ("fsync", "syncs"),
        ):
            patch.setattr(os, name, counting(kind, getattr(os, name)))
        patch.setattr(database.Index, "_open", opened)
        patch.setattr(InThisProcess, "call", counting("module calls", InThisProcess.call))
        patch.setattr(Planner, "_decide", counting("decisions", Planner._decide))
        patch.setattr(Planner, "decision", counting("decisions asked for", Planner.decision))
        patch.setattr("cineforge.deciding.planner.decide", counting("looks in full", decide))
        patch.setattr(Recorder, "emit", counting("events", Recorder.emit))
        yield found


class Crowd(Stage):
    """The film of many, of whom each says the line that stands in the file."""

    def write(self, *, names: str = "names.txt", **more: Any) -> None:
        super().write(names=names, **more)
        main = self.folder / "modules" / "cast" / "cast_v1" / "main.py"
        text = main.read_text(encoding="utf-8")
        ids_and_lines = 'dict(each.split("-") for each in names).items()'
        emitted = f"{{name: Output(data=line) for name, line in {ids_and_lines}}}"
        main.write_text(text.replace("{name: Output(data=name) for name in names}", emitted))

    def fill(self, count: int, *, changed: bool = False) -> None:
        lines = [f"a{n}-line{n}" for n in range(count)]
        self.cast(" ".join(lines).replace("line7 ", "other7 ") if changed else " ".join(lines))


def crowd(folder: Path, count: int) -> Crowd:
    made = Crowd(folder, [], [])
    made.write()
    made.fill(count)
    made.run_all("first")
    return made


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execute, "WorkerPool", InThisProcess)


def test_an_edit_costs_what_changed_and_a_pass_over_what_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    costs = []
    for count in (FEW, MANY):
        film = crowd(tmp_path / str(count), count)
        film.fill(count, changed=True)
        with counted(monkeypatch) as work:
            film.run_all("second", film.issuer())
        costs.append(work)
    few, many = costs
    assert few["module calls"] == many["module calls"] == 3
    each = many.each(few)
    # What each reads is looked at once, when all that it may hang on has run, and not once more at the end.
    assert each["decisions"] <= 1.1, each
    assert each["events"] <= 0.1, each
    # Some of them for folders that have changed so lately that they may change unseen.
    assert each["SQL statements"] <= 24, each
    # Twice as much, if what gathers all were looked at once for each of them.
    assert each["SQL steps"] <= 30, each
    assert each["looks"] <= 20, each
    # Records of what is read are not opened again to be sealed.
    assert each["files opened"] <= 2, each
    assert each["syncs"] <= 0.2, each


def test_to_find_nothing_to_do_costs_a_pass_over_what_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked, certified = [], []
    for count in (FEW, MANY):
        film = crowd(tmp_path / str(count), count)
        # The certificate is another matter: it is written or not, by how long ago something changed.
        with counted(monkeypatch) as work, monkeypatch.context() as patch:
            patch.setattr(Issuer, "keep", lambda _: None)
            assert film.look()
        looked.append(work)
        rest(film)
        with counted(monkeypatch) as work:
            assert film.certificate() is not None
        certified.append(work)
    each = looked[1].each(looked[0])
    # One of four where its folder has changed so lately that it may change unseen, as on a quick machine all have.
    assert each["SQL statements"] <= 4.1, each
    # Three for each, and now and then one more at a folder that is looked at while it is still fresh.
    assert each["looks"] <= 3.1, each
    for kind in ("files opened", "syncs", "module calls"):
        assert each.get(kind, 0) <= 0.1, each
    few, many = certified
    assert all(more <= 0.1 for more in many.each(few).values()), certified
    assert "SQL statements" not in many


def asked(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *questions: Callable[[Crowd], object],
    after: Iterable[Callable[[Crowd, int], object] | None] = (),
) -> Iterator[tuple[Counted, Counted]]:
    """What each question costs of few and of many at rest, each asked after another change if there are any."""
    costs: list[list[Counted]] = []
    for count in (FEW, MANY):
        film = crowd(tmp_path / str(count), count)
        rest(film)
        costs.append([])
        for question, change in zip_longest(questions, after):
            if change is not None:
                change(film, count)
            with counted(monkeypatch) as work:
                question(film)
            costs[-1].append(work)
    yield from zip(*costs, strict=True)


def test_what_is_asked_of_a_certified_project_decides_about_no_instance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for few, many in asked(tmp_path, monkeypatch, _status, _why_the_choir):
        assert many["decisions"] == few["decisions"] == 0
        each = many.each(few)
        # A count of artifacts by health, and a look for stale ones, are steps of SQLite's.
        assert each.pop("SQL steps", 0) <= 2, each
        # Nothing else grows. What others have left in the temporary folder may be looked at now and then.
        assert all(more <= 0.5 for more in each.values()), each


def test_what_is_asked_after_an_edit_looks_at_what_that_may_reach(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    questions, changes = (_next_run, _plan, _next_run), (_edit, None, _put)
    costs = list(asked(tmp_path, monkeypatch, *questions, after=changes))
    for few, many in costs:
        # The cast, which reads the file; whose line somebody has put, and the choir, which reads all lines.
        assert many["looks in full"] == few["looks in full"] <= 3
        each = many.each(few)
        assert each["looks"] <= 4, each
        # Of up to two dozen members it is looked up what they cost.
        for kind in ("SQL statements", "files opened"):
            assert each.get(kind, 0) <= 0.3, each
    # While it is open whom there is to greet, these are counted, and none is asked about.
    for few, many in costs[:2]:
        assert many["decisions asked for"] == few["decisions asked for"]


def test_what_is_gone_is_told_without_going_through_it_for_each_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = crowd(tmp_path, 6)
    film.fill(1)
    film.run_all("second")
    went: list[int] = []

    class Orphaned(list[ArtifactKey]):
        def __iter__(self) -> Iterator[ArtifactKey]:
            went.append(len(self))
            return super().__iter__()

    found = ArtifactStore.orphaned
    monkeypatch.setattr(ArtifactStore, "orphaned", lambda store: Orphaned(found(store)))
    with Project(film.folder) as project:
        status = project.status()
    assert len(status.vanished) == len(status.orphaned) == 5
    assert went == [5]


def _edit(film: Crowd, count: int) -> None:
    film.fill(count, changed=True)


def _put(film: Crowd, _: int) -> None:
    with Project(film.folder) as project:
        project.put("greeting/a7", "good evening", why="it is late")


def _next_run(film: Crowd) -> None:
    with Project(film.folder) as project:
        assert next_run(project.store, film.folder, any_stale=True, whole=False)


def _plan(film: Crowd) -> None:
    assert main(["plan", "--directory", str(film.folder)]) == 1


def _status(film: Crowd) -> None:
    with Project(film.folder) as project:
        status = project.status(10)
        coming = next_run(project.store, film.folder, any_stale=bool(status.stale))
        assert coming is not None
        assert coming.up_to_date
        assert not project.store.nearest_changes()


def _why_the_choir(film: Crowd) -> None:
    """What stands on all of them."""
    with Project(film.folder) as project:
        would = project.why("song").would
        assert would is not None
        assert would.action == "keep"
