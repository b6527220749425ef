"""A question about one artifact is answered as one about all of them, without reading all heads."""

from __future__ import annotations

from pathlib import Path

import pytest

from cineforge import Project
from cineforge.deciding.facts import few_heads
from cineforge.deciding.facts.few_heads import FewHeads
from cineforge.deciding.facts.store_world import StoreWorld
from cineforge.model.refs import ArtifactKey
from cineforge.running import execute
from cineforge.store import ArtifactStore
from tests.bridge.film import Film
from tests.in_this_process import InThisProcess


@pytest.fixture
def film(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Film:
    """All is made; bob has left, ann is to be revised, and so is cid, whom somebody holds."""
    monkeypatch.setattr(execute, "WorkerPool", InThisProcess)
    made = Film(tmp_path / "film", [], [])
    made.write(names="ann bob cid dee")
    made.run_all("first")
    made.write(names="ann cid dee")
    made.run_all("second")
    with Project(made.folder) as project:
        project.revise("greeting/ann", why="too short")
        project.revise("greeting/cid", why="too long")
        project.hold("greeting/cid", why="still")
    return made


@pytest.mark.parametrize("enough", [2, 300])
def test_few_heads_answer_as_all_heads_do(
    film: Film, enough: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(few_heads, "ENOUGH", enough)
    with ArtifactStore(film.folder) as store:
        few, every = FewHeads(store, ()), StoreWorld(store, ())
        assert every.revisions_asked() == few.revisions_asked() == (ArtifactKey("greeting", "ann"),)
        assert every.collections("cast") == few.collections("cast") != []
        for name in ("actor", "greeting", "song"):
            assert every.members_of_type(name) == few.members_of_type(name)
        keys = [*store.list_artifacts(), ArtifactKey("greeting", "nobody")]
        assert len(keys) > 8
        assert [every.head(key) for key in keys] == [few.head(key) for key in keys]
        assert (few._heads is None) is (enough == 300)


def test_why_reads_the_heads_that_it_tells_of(film: Film, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_: ArtifactStore) -> None:
        raise AssertionError("all heads are read")

    monkeypatch.setattr(ArtifactStore, "heads", refused)
    with Project(film.folder) as project:
        found = project.why("greeting/ann")
    assert found.would is not None
    assert found.would.decision.head is not None


def test_why_tells_who_comes_back_and_who_goes_when_an_edit_is_undone(film: Film) -> None:
    names = ("actor/bob", "greeting/bob")
    with Project(film.folder) as project:
        assert [project.why(each).there_after_a_run for each in names] == [False, False]
        film.write(names="ann bob cid dee")
        came = [project.why(each) for each in names]
        assert [each.there_after_a_run for each in came] == [True, True]
        assert [each.would.action for each in came if each.would] == ["adopt", "keep"]
        film.write(names="bob cid")  # never made: so nobody knows before it is
        assert [project.why(each).there_after_a_run for each in names] == [None, None]
    film.write(names="ann bob cid dee")
    film.run_all("third")
    film.write(names="ann cid dee")
    with Project(film.folder) as project:
        goes = [project.why(each) for each in names]
        assert [(each.there_after_a_run, each.would) for each in goes] == [(False, None)] * 2
        assert project.why("greeting/ann").there_after_a_run is True
