"""A person with a browser: every page and every action, on the demo."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from cineforge import Project

from .conftest import Visits

pytestmark = pytest.mark.e2e

PAGES = [
    *("/", "/artifacts", "/graph", "/board", "/runs", "/run?show=plan&force=1", "/put", "/login"),
    *("/artifact/scene/scene_1", "/artifact/board_page/_", "/edit/scene_report/scene_1"),
    *("/diff?a=scene/scene_1&b=scene/scene_2", "/artifact/script/_?json=1", "/nothing"),
]


def test_every_page_can_be_used_by_everybody(visits: Visits, demo: Path) -> None:
    with Project(demo) as film:
        film.put("scene/scene_1", film.show("scene/scene_1").data | {"elements": []}, why="cut")
        film.revise("scene_report/scene_2", why="count again")
    (run,) = (demo / "runs").iterdir()
    for record in (run / "run_state.json", run / "pipeline_events.jsonl"):
        # A long word without a place to break it, in what was typed.
        typed = record.read_text(encoding="utf-8")
        record.write_text(typed.replace("--directory", "--" + 15 * "directory"), encoding="utf-8")
    light = visits.open(demo, viewport={"width": 1280, "height": 800}, color_scheme="light")
    dark = visits.open(demo, viewport={"width": 320, "height": 640}, color_scheme="dark")
    for number, place in enumerate([*PAGES, f"/runs/{run.name}"]):
        checked = (light, dark) if number < 5 else ((light, dark)[number % 2],)
        for visit in (light, dark):
            visit.go(place)
            visit.check_width()
            if visit in checked:
                visit.check_access()
    wide = visits.open(demo, viewport={"width": 3840, "height": 2160})
    wide.go("/")
    wide.check_access()


def test_a_person_finds_edits_and_judges(visits: Visits, demo: Path, tmp_path: Path) -> None:
    visit = visits.open(demo)
    page = visit.page
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    expect(page.locator("#plan-summary")).to_contain_text("Everything is up to date")
    page.get_by_label("Find an artifact by name").fill("scene_report/scene_2")
    page.get_by_role("button", name="Find").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("INTERSECTION")
    page.get_by_role("link", name="Edit", exact=True).click()

    page.get_by_label("Eighths").fill("a few")
    visit.say("longer")
    page.get_by_role("button", name="Save the version").click()
    expect(page.locator("#f\\.eighths-error")).to_contain_text("'a few' is no number")
    page.get_by_label("Eighths").fill("9")
    picture = tmp_path / "sketch.png"
    picture.write_bytes((Path(__file__).parent / "sketch.png").read_bytes())
    page.get_by_label("Attach", exact=True).set_input_files(picture)
    page.get_by_role("button", name="Save the version").click()

    expect(page.locator(".title .badge.held")).to_be_visible()
    expect(page.locator(".timeline")).to_contain_text("longer")
    expect(page.get_by_alt_text("sketch.png")).to_have_js_property("naturalWidth", 8)
    page.get_by_role("button", name="Compare the two").click()
    expect(page.locator(".change-of").first).to_contain_text("+ 9")

    page.goto(f"{visit.address}/")
    change = page.locator(".card.change")
    expect(change).to_contain_text("scene_report/scene_2@2")
    expect(change).to_contain_text("ida")
    change.get_by_role("link", name="strip_board@1").click()
    expect(page.locator("ul.tree")).to_contain_text("was superseded by scene_report/scene_2@2")
    visit.say("it makes no odds")
    page.get_by_role("button", name="Confirm").click()
    expect(page.locator(".title .badge.confirmed_valid")).to_be_visible()

    page.goto(f"{visit.address}/artifacts?type=scene_report")
    page.get_by_label("All on this page").check()
    visit.say("approved", "otto")
    page.get_by_role("button", name="Hold").click()
    expect(page.get_by_role("status")).to_contain_text("3 versions done")
    page.goto(f"{visit.address}/artifacts?health=held")
    page.get_by_label("scene_report/scene_2", exact=True).check()
    visit.say("go on")
    page.get_by_role("button", name="Release").click()
    expect(page.get_by_role("status")).to_contain_text("1 version done")
    page.goto(f"{visit.address}/artifact/scene_report/scene_2")
    visit.say("once more")
    page.get_by_role("button", name="Ask to revise").click()
    expect(page.locator(".title .badge.needs_revision")).to_be_visible()

    page.goto(f"{visit.address}/put")
    page.get_by_role("combobox", name="Type").fill("scene_report")
    page.get_by_label("Entity").fill("scene_3")
    page.get_by_label("or typed here").fill('{"heading": 1}')
    visit.say("mine")
    page.get_by_role("button", name="Save the version").click()
    expect(page.get_by_role("alert")).to_contain_text("this is no valid scene_report")
    with Project(demo) as film:
        assert film.store.metadata(film.ref("scene_report/scene_2")).producing_role == "ida"
        assert {str(ref) for ref in film.status().held} == {
            "scene_report/scene_1@1",
            "scene_report/scene_3@1",
        }


def test_of_two_people_who_edit_the_same_nobody_loses_anything(visits: Visits, demo: Path) -> None:
    one, two = visits.open(demo), visits.open(demo)
    for visit, words in ((one, "ida's line"), (two, "otto's line")):
        visit.go("/edit/scene_report/scene_1")
        visit.page.locator("#f\\.location").fill(words)
    one.say("hers")
    one.page.get_by_role("button", name="Save the version").click()
    expect(one.page.locator(".timeline")).to_contain_text("hers")
    two.say("his", "otto")
    two.page.get_by_role("button", name="Save the version").click()
    expect(two.page.get_by_role("heading", name="It has changed meanwhile")).to_be_visible()
    expect(two.page.locator("section", has=two.page.locator("#theirs"))).to_contain_text(
        "ida's line"
    )
    expect(two.page.locator("section", has=two.page.locator("#mine"))).to_contain_text(
        "otto's line"
    )
    two.check_access()
    two.page.get_by_role("button", name="Save yours after it").click()
    expect(two.page.locator(".timeline")).to_contain_text("his")
    with Project(demo) as film:
        kept = [film.show(f"scene_report/scene_1@{n}").data["location"] for n in (1, 2, 3)]
    assert kept == ["PARK", "ida's line", "otto's line"]


EVIL = """<!DOCTYPE html><title>evil</title><body onload="document.title='ran'">
<meta http-equiv="refresh" content="0;url=/runs">
<script>document.title='ran'; fetch('/artifacts').then(() => fetch('/stolen'))</script>
<img src="/artifacts"><link rel="stylesheet" href="/static/x/style.css"><iframe src="/runs"></iframe>
<form id="f" method="post" action="/say"><input name="do" value="hold"></form><script>f.submit()</script>
<svg onload="fetch('/runs')"></svg><p>harmless words</p>"""
HOSTILE = "</textarea></pre><script>document.title='owned'</script><img src=x onerror=alert(1)>"


def test_what_tries_to_be_script_stays_text(visits: Visits, demo: Path) -> None:
    with Project(demo) as film:
        data = film.show("scene_report/scene_1").data | {"heading": HOSTILE, "time_of_day": HOSTILE}
        files = {"evil.html": EVIL.encode(), "evil.svg": EVIL.encode(), "<b>.txt": EVIL.encode()}
        film.put("scene_report/scene_1", data, who=HOSTILE, why=HOSTILE, attach=files)
        film.revise("strip_board", who=HOSTILE, why=HOSTILE)
    visit = visits.open(demo)
    page = visit.page
    answered: list[str] = []
    page.on("response", lambda answer: answered.append(answer.url.removeprefix(visit.address)))
    for place in (
        *("/", "/artifacts", "/graph", "/board?type=scene_report", "/edit/scene_report/scene_1"),
        *(
            "/artifact/scene_report/scene_1",
            "/diff?a=scene_report/scene_1@1&b=scene_report/scene_1",
        ),
        *("/edit/scene_report/scene_1?json=1", "/artifact/scene_report/scene_1?json=1"),
    ):
        visit.go(place)
        assert "owned" not in page.title()
        assert page.locator("main img[src='x']").count() == 0
    visit.go("/artifact/scene_report/scene_1")
    expect(page.locator(".timeline")).to_contain_text("document.title='owned'")
    frame = page.frame_locator("iframe[title='evil.html']")
    page.locator("iframe[title='evil.html']").scroll_into_view_if_needed()
    expect(frame.get_by_text("harmless words")).to_be_visible()
    before = len(answered)
    # What a browser says of each thing that it does not let the file do is no trouble of ours.
    for name in ("evil.html", "evil.svg"):
        page.goto(f"{visit.address}/file/scene_report/scene_1/2/{name}", wait_until="commit")
        page.wait_for_load_state("load")
        assert page.title() in ("evil", "")
    assert [each for each in answered[before:] if "/file/" not in each] == []
    assert not any("stolen" in each for each in answered)
    visit.troubles.clear()
    with Project(demo) as film:
        assert [str(ref) for ref in film.status().held] == ["scene_report/scene_1@2"]


def test_the_graph_opens_is_searched_and_goes_back(visits: Visits, demo: Path) -> None:
    with Project(demo) as film:
        film.put("scene/scene_2", film.show("scene/scene_2").data | {"elements": []}, why="later")
    visit = visits.open(demo, viewport={"width": 1200, "height": 900})
    page = visit.page
    visit.go("/graph")
    at = page.evaluate("cineforgeGraph.getElementById('scene/scene_2').renderedPosition()")
    page.locator("#graph").click(position=at)
    expect(page.locator("#graph-node")).to_contain_text("scene/scene_2@2")
    far = page.evaluate("cineforgeGraph.nodes('.far').map((each) => each.id())")
    assert "scene_report/scene_3" in far
    assert not {"script", "scene_report/scene_2", "board_page"} & set(far)
    page.locator("#graph-search").fill("margaret")
    assert page.evaluate("cineforgeGraph.nodes('.found').length") == 2
    page.locator("#graph").focus()
    before = page.evaluate("[cineforgeGraph.pan(), cineforgeGraph.zoom()]")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("+")
    assert page.evaluate("[cineforgeGraph.pan(), cineforgeGraph.zoom()]") != before
    page.get_by_role("link", name="Only its lineage").click()
    expect(page.locator("p[role=status]")).to_contain_text("artifacts in")
    assert page.get_by_label("Lineage of").input_value() == "scene/scene_2"
    visit.go("/graph?stale=1")
    expect(page.locator("#changes + ul")).to_contain_text("scene/scene_2@2")
    with Project(demo) as film:
        then = film.store.metadata(film.ref("scene/scene_2@1")).created_at
    visit.go("/graph")
    page.get_by_label("As it was at").fill(then.isoformat())
    page.get_by_role("button", name="Show").click()
    expect(page.locator("p[role=status]")).to_contain_text("As it was at")
    assert page.evaluate("cineforgeGraph.getElementById('scene/scene_2').data('label')").endswith(
        "@2 now"
    )
    visit.check_access()
    page.pdf()
    page.emulate_media(media="print")
    printed = page.get_by_role("img", name="The graph, all of it")
    expect(printed).not_to_have_js_property("naturalWidth", 0)
    expect(printed).to_be_visible()
    for what in ("#graph", "form.filters"):
        expect(page.locator(what)).to_be_hidden()


def test_the_keyboard_is_enough(visits: Visits, demo: Path) -> None:
    visit = visits.open(demo)
    page = visit.page
    visit.go("/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Artifacts")).to_be_visible()
    page.locator("input[name=ref]").first.focus()
    page.keyboard.press("Space")
    page.get_by_label("Who").focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("ida")
    page.keyboard.press("Tab")
    page.keyboard.type("by keyboard")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("1 version done")


def test_pages_work_without_scripts(visits: Visits, demo: Path) -> None:
    visit = visits.open(demo, java_script_enabled=False)
    page = visit.page
    page.get_by_role("link", name="What it would do, and the bill").click()
    expect(page.get_by_role("status")).to_contain_text("Up to date")
    page.goto(f"{visit.address}/artifact/strip_board/_")
    page.get_by_role("link", name="Ask").click()
    expect(page.locator("main")).to_contain_text("keep it")
    page.goto(f"{visit.address}/edit/scene_report/scene_1")
    page.get_by_label("Time of day").fill("DUSK")
    visit.say("later light")
    page.get_by_role("button", name="Save the version").click()
    expect(page.locator(".timeline")).to_contain_text("later light")
    page.goto(f"{visit.address}/graph")
    expect(page.get_by_role("row", name=re.compile("scene_1@1 "))).to_contain_text("script")
