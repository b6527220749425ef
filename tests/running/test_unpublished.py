"""What could not be published is kept, whatever it is; through links that somebody planted nothing is written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cineforge.model.module_result import Output
from cineforge.running.workers.unpublished import Unpublished

PLACES = ("runs/monday/unpublished", "runs/monday/unpublished/word", "runs/monday", "runs")


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    (folder := tmp_path / "outside").mkdir()
    return folder


def kept(film: Path, data: Any = "Ant") -> Unpublished:
    unpublished = Unpublished(film, film / "runs" / "monday" / "unpublished", frozenset())
    unpublished.keep("word", "ant", Output(data=data), ["'Ant' is too short"], {})
    return unpublished


class Unprintable:
    def __repr__(self) -> str:
        raise ValueError("no")


def endless() -> list[Any]:
    outer: list[Any] = []
    for _ in range(100_000):
        outer = [outer]
    return outer


@pytest.mark.parametrize(
    "data", [endless, Unprintable(), {1: "a", ("b",): 2}, float("nan"), b"\xff", "\ud800"]
)
def test_whatever_a_module_returned_is_kept_in_some_form(tmp_path: Path, data: Any) -> None:
    assert kept(tmp_path, data() if data is endless else data).count == 1
    assert len(list(tmp_path.rglob("unpublished/word/ant/data.*"))) == 1


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
