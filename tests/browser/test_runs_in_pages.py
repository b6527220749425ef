"""A person with a browser: runs planned, started, watched and stopped."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.workshop import write_module, write_recipe

from .conftest import Visits

pytestmark = pytest.mark.e2e


def test_a_run_is_planned_started_watched_and_compared(visits: Visits, demo: Path) -> None:
    visit = visits.open(demo)
    page = visit.page
    page.get_by_role("link", name="Run", exact=True).click()
    page.get_by_text(re.compile(r"^Stages \(all of")).click()
    page.get_by_role("checkbox", name="one_liner").check()
    page.get_by_label("once more, although nothing changed").check()
    page.get_by_role("button", name="Show the plan and the bill").click()
    expect(page.locator("tr.sum")).to_contain_text("1")
    visit.check_access()
    page.get_by_label("Cores").fill("2")
    page.get_by_role("button", name="Start the run").click()
    expect(page.locator("#instances")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("one_liner.*done")).last).to_contain_text(
        "forced"
    )
    visit.check_access()
    page.goto(f"{visit.address}/runs")
    page.get_by_role("button", name="Compare the two that are marked").click()
    expect(page.get_by_role("row", name=re.compile("^one_liner")).last).to_contain_text("the same")
    visit.check_access()


SLOW = """
def run_module(inputs, params, project_config, context):
    for _ in range(600):
        print("<script>document.title='owned'</script>", flush=True)
        time.sleep(0.1)
    return ModuleResult(outputs={"slow": Output(data={})})
"""
BAD = """
def run_module(inputs, params, project_config, context):
    print("<img src=x onerror=alert(1)>", flush=True)
    raise ValueError("</pre><script>document.title='owned'</script>")
"""


def test_a_run_is_watched_while_it_goes_on_and_stopped(visits: Visits, tmp_path: Path) -> None:
    folder = tmp_path / "film"
    write_recipe(folder, [{"id": "bad", "module": "bad_v1"}, {"id": "slow", "module": "slow_v1"}])
    write_module(folder, "bad_v1", {"stage": "bad", "outputs": [{"type": "bad"}]}, BAD)
    write_module(folder, "slow_v1", {"stage": "slow", "outputs": [{"type": "slow"}]}, SLOW)
    (folder / "artifacts").mkdir()
    visit = visits.open(folder)
    page = visit.page
    visit.go("/run?show=plan")
    page.get_by_label("go on after a failure").check()
    page.get_by_role("button", name="Start the run").click()
    live = page.locator("section[data-live]")
    expect(live).to_contain_text("slow begins")
    expect(live).to_contain_text("1 failed")
    visit.go("/")
    expect(page.locator("[data-live]")).to_contain_text("1 at work")
    page.go_back()
    page.get_by_role("button", name="Stop at once").click()
    expect(page.locator("#failed")).to_be_visible()
    expect(page.locator(".badge.interrupted").first).to_be_visible()
    expect(page.locator("article.error", has_text="bad").first).to_contain_text(
        "<img src=x onerror=alert(1)>"
    )
    visit.check_access()
    page.get_by_role("link", name="log").first.click()
    expect(page.locator("main")).to_contain_text("document.title")
    assert "owned" not in page.title()


def test_a_run_goes_on_when_the_server_is_gone(
    visits: Visits, browser: Browser, demo: Path
) -> None:
    from .conftest import serving

    with serving(demo) as address:
        context = browser.new_context()
        page = context.new_page()
        page.goto(f"{address}/?token=a token of the browser tests")
        page.goto(f"{address}/run?show=plan&stage=one_liner&force=1")
        page.get_by_role("button", name="Start the run").click()
        page.wait_for_url("**/runs/run-*")
        run_id = page.url.rpartition("/")[2]
        context.close()
    visit = visits.open(demo)
    visit.page.goto(f"{visit.address}/runs/{run_id}")
    expect(visit.page.locator("#instances")).to_be_visible()
    state = json.loads((demo / "runs" / run_id / "run_state.json").read_text())
    assert state["status"] == "done"
