"""The `screenplay` recipe on a Final Draft file, and what a person may overrule in it."""

from __future__ import annotations

import json

import pytest

from cineforge.store import ArtifactStore

from .conftest import ROOT, Project

pytestmark = pytest.mark.e2e


@pytest.fixture
def lighthouse(project: Project) -> Project:
    """A project on the Final Draft sample, run once."""
    story = str(ROOT / "samples" / "the_lighthouse.fdx")
    project.cineforge("init", str(project.folder), "--recipe", "screenplay", "--story", story)
    project.snakemake()
    return project


def test_a_final_draft_file_goes_all_the_way_to_the_page(lighthouse: Project) -> None:
    assert lighthouse.load("board_page") == {
        "title": "The Lighthouse",
        "file": "strip_board.html",
        "scenes": 2,
        "days": 1,
        "characters": 2,
        "locations": 2,
        "props": 2,
        "elements": 3,
        "pages": "5/8",
    }
    assert lighthouse.load("character_bible", "old_tom")["totals"]["speeches"] == 1
    assert "Nothing to be done" in lighthouse.snakemake()


def test_a_prop_that_a_person_strikes_is_gone_from_board_and_bible(lighthouse: Project) -> None:
    report = lighthouse.load("scene_report", "scene_1")
    assert [prop["name"] for prop in report.pop("props")] == ["BRASS LAMP", "match"]
    mended = lighthouse.folder / "mended.json"
    mended.write_text(json.dumps({**report, "props": []}), encoding="utf-8")
    lighthouse.cineforge(
        *("put", "scene_report", "scene_1", str(mended)),
        *("--why", "The lamp is part of the set.", "--directory", str(lighthouse.folder)),
    )
    lighthouse.snakemake()
    assert lighthouse.load("location_bible", "lighthouse")["props"] == []
    assert lighthouse.load("cross_reference")["props"] == []
    with ArtifactStore(lighthouse.folder) as store:
        assert not store.stale()
