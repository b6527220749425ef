"""`make test-browser`: every page and what people do there, on a feature with a previs and on 5,000 scenes.

Minutes, most of them to make the two projects.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from playwright.sync_api import expect

from cineforge import Project
from tests.e2e.conftest import Project as Typed
from tests.e2e.conftest import copy_project, made_once
from tests.e2e.test_feature_length import generator

from .conftest import PATIENCE, Visit, Visits

#: The most that one page sends, in bytes, however large the project is.
MOST = 400_000
PLACES = ["KITCHEN", "HARBOUR", "STATION", "OFFICE", "GARDEN", "BRIDGE", "CHURCH", "ROOF"]
NAMES = ["ANNA", "BO", "CLEO", "DAN", "EVA", "FINN"]


def feature(film: Typed) -> None:
    """190 scenes, broken down and storyboarded."""
    story = film.folder.with_name("feature.fountain")
    story.write_text(generator().make_screenplay(scenes=190, seed=1), encoding="utf-8")
    _type("init", str(film.folder), "--recipe", "screenplay", "--story", str(story))
    _type("run", "screenplay", "--directory", str(film.folder))
    _type("run", "previs", "--directory", str(film.folder))


def epic(film: Typed) -> None:
    """5,000 short scenes, broken down."""
    lines = ["Title: FIVE THOUSAND", ""]
    for number in range(1, 5001):
        kind, light = ("INT", "EXT")[number % 3 == 0], ("NIGHT", "DAY")[number % 2]
        name = NAMES[number % len(NAMES)]
        place = f"{PLACES[number % len(PLACES)]} {number % 40 + 1}"
        lines += [f"{kind}. {place} - {light}", "", f"{name} crosses, number {number}.", ""]
        lines += [name, f"This is line {number}.", ""]
    story = film.folder.with_name("epic.fountain")
    story.write_text("\n".join(lines), encoding="utf-8")
    _type("init", str(film.folder), "--recipe", "screenplay", "--story", str(story))
    _type("run", "screenplay", "--directory", str(film.folder))


def _type(*words: str) -> None:
    """A command that takes as long as it takes."""
    subprocess.run([sys.executable, "-m", "cineforge", *words], check=True, capture_output=True)


@pytest.fixture(params=[feature, epic])
def film(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> Path:
    done = made_once(tmp_path_factory, request.param.__name__, request.param)
    return copy_project(done, tmp_path / request.param.__name__).folder


def pages(folder: Path) -> list[str]:
    (run_id, *_) = sorted(each.name for each in (folder / "runs").iterdir())
    return [
        *("/", "/artifacts", "/artifacts?type=scene&from=100", "/artifacts?q=scene_17", "/graph"),
        *(
            "/graph?expand=scene",
            "/graph?focus=scene/scene_17",
            "/graph?stale=1",
            "/board",
            "/runs",
        ),
        *("/artifact/scene/scene_17", "/artifact/script/_", "/artifact/strip_board/_", "/put"),
        *("/artifact/breakdown.members/_", "/edit/scene_report/scene_17", f"/runs/{run_id}"),
        *("/diff?a=scene/scene_17&b=scene/scene_18", f"/runs/{run_id}?state=done&from=100"),
        *("/run", "/run?stage=scene_report&force=1&show=plan"),
    ]


def weigh(visit: Visit, place: str) -> tuple[float, int]:
    """Seconds until the page itself is there, and its bytes."""
    before = time.perf_counter()
    answer = visit.page.request.get(visit.address + place, timeout=5 * PATIENCE)
    assert answer.ok, place
    return time.perf_counter() - before, len(answer.body())


def test_every_page_of_a_large_project(visits: Visits, film: Path) -> None:
    with Project(film) as project:
        data = project.show("scene/scene_17").data
        project.put(
            "scene/scene_17", data | {"elements": data["elements"][:1]}, who="ida", why="cut"
        )
    visit = visits.open(film, viewport={"width": 1280, "height": 800})
    narrow = visits.open(film, viewport={"width": 320, "height": 640}, color_scheme="dark")
    for each in (visit, narrow):
        # The plan of all anew tries 5,000 scenes beforehand.
        each.page.set_default_navigation_timeout(5 * PATIENCE)
    for place in pages(film):
        seconds, size = weigh(visit, place)
        print(f"{film.name} {place}: {seconds:.2f} s, {size:,} bytes", file=sys.stderr)
        assert size < MOST, place
        visit.go(place)
        visit.check_access()
        narrow.go(place)
        narrow.check_access()
        narrow.check_width()


def test_people_work_in_a_large_project(visits: Visits, film: Path) -> None:
    visit = visits.open(film)
    page = visit.page
    page.get_by_label("Find an artifact by name").fill("scene_report/scene_17")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("link", name="Edit", exact=True).click()
    page.locator("#f\\.eighths").fill("9")
    visit.say("longer")
    page.get_by_role("button", name="Save the version").click()
    expect(page.locator(".title .badge.held")).to_be_visible()
    page.goto(f"{visit.address}/artifacts?health=stale")
    page.get_by_label("All on this page").check()
    visit.say("not yet", "otto")
    page.get_by_role("button", name="Hold").click()
    expect(page.get_by_role("status")).to_contain_text("done")
    page.goto(f"{visit.address}/artifacts?health=held&type=strip_board")
    page.get_by_label("All on this page").check()
    visit.say("go on", "otto")
    page.get_by_role("button", name="Release").click()
    expect(page.get_by_role("status")).to_contain_text("1 version done")
    visit.go("/run?stage=strip_board&stale=1&show=plan")
    expect(page.locator("tr.sum")).to_contain_text("1")
    page.get_by_role("button", name="Start the run").click()
    # The page shows itself anew when the run is over: who leaves it just then is stopped.
    expect(page.locator("#instances")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("strip_board.*done")).first).to_be_visible()
    visit.go("/runs")
    page.get_by_role("button", name="Compare the two that are marked").click()
    expect(page.get_by_role("heading", name="Compare two runs")).to_be_visible()
    visit.check_access()


def test_the_board_of_a_storyboard(
    visits: Visits, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = made_once(tmp_path_factory, "feature", feature).folder
    visit = visits.open(folder)
    page = visit.page
    visit.go("/board?type=frame")
    pictures = page.locator("ul.board img")
    expect(pictures).to_have_count(24)
    pictures.last.scroll_into_view_if_needed()
    expect(pictures.last).not_to_have_js_property("naturalWidth", 0)
    page.get_by_role("link", name="Later").click()
    expect(pictures).to_have_count(24)
    page.get_by_role("link", name=re.compile("^Contact sheet")).click()
    expect(page.locator("iframe")).to_have_count(24)
    visit.check_access()
