"""Two runs of one project compared as drafts, and its files taken out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .conftest import Project

pytestmark = pytest.mark.e2e

WHITE = "INT. PIER - DAY #1#\n\nANN lifts a BRASS LAMP.\n\nANN\nHello.\n\nEXT. SEA - NIGHT #2#\n\nWaves.\n"


def test_a_day_of_work_is_a_new_draft_and_its_files_can_be_handed_on(tmp_path: Path) -> None:
    story = tmp_path / "story.fountain"
    story.write_text(WHITE, encoding="utf-8")
    film = Project(tmp_path / "film")
    film.cineforge("init", str(film.folder), "--recipe", "screenplay", "--story", str(story))
    here = ("--directory", str(film.folder))
    film.cineforge("run", "screenplay", "--run-id", "white", *here)
    story = film.folder / "story.fountain"
    story.write_text(WHITE.replace("Hello.", "Hello.\n\nBEN\nWho is there?"), encoding="utf-8")
    (film.folder / "schedule.yaml").write_text("start: 2027-03-01\n", encoding="utf-8")
    film.cineforge("run", "screenplay", "--run-id", "blue", *here)

    told = json.loads(film.cineforge("drafts", "white", "blue", "--json", *here, status=1))
    assert [(each["number"], each["cast_gained"]) for each in told["changed"]] == [("1", ["BEN"])]
    assert told["cast_gained"] == ["BEN"]
    assert not told["added"] and not told["cut"] and not told["moved"]

    before = film.module_calls()
    (film.folder / "schedule.yaml").write_text("start: 2027-04-01\n", encoding="utf-8")
    film.snakemake()
    assert set(film.module_calls() - before) == {
        *("one_liner", "day_out_of_days", "board_page", "breakdown_sheets", "exports"),
    }

    film.cineforge("export", "-o", str(tmp_path / "out"), *here)
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names >= {
        *("strip_board.html", "breakdown_sheets.html", "one_liner.csv", "schedule.yaml"),
        *("kitsu_assets.csv", "studiobinder.csv", "schedule.uss", "shooting_days.ics"),
    }
    assert "there is no" not in film.cineforge(
        "export", "exports", "-o", str(tmp_path / "two"), *here
    )
    assert "one_liner.csv" not in {path.name for path in (tmp_path / "two").iterdir()}
