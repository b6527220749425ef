"""Links that somebody planted where what could not be published is kept: nothing outside is touched."""

from __future__ import annotations

from pathlib import Path

import pytest

from cineforge.model.module_result import Output
from cineforge.running.workers.unpublished import Unpublished

PLACES = ("runs/monday/unpublished", "runs/monday/unpublished/word", "runs/monday", "runs")


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    (folder := tmp_path / "outside").mkdir()
    return folder


def kept(film: Path) -> Unpublished:
    unpublished = Unpublished(film, film / "runs" / "monday" / "unpublished", frozenset())
    unpublished.keep("word", "ant", Output(data="Ant"), ["'Ant' is too short"], {})
    return unpublished


@pytest.mark.parametrize("place", PLACES)
def test_a_folder_that_leads_out_gets_nothing(tmp_path: Path, outside: Path, place: str) -> None:
    film = tmp_path / "film"
    (film / place).parent.mkdir(parents=True)
    (film / place).symlink_to(outside)
    assert kept(film).count == 0
    assert list(outside.iterdir()) == []


def test_the_name_of_an_artifact_that_leads_out_is_passed_over(
    tmp_path: Path, outside: Path
) -> None:
    place = tmp_path / "film" / "runs" / "monday" / "unpublished" / "word"
    place.mkdir(parents=True)
    (place / "ant").symlink_to(outside)
    assert kept(tmp_path / "film").count == 1
    assert (place / "ant.2" / "data.json").read_text() == '"Ant"\n'
    assert list(outside.iterdir()) == []
