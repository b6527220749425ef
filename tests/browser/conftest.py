"""A real browser, the real server, and projects to look at."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.e2e.conftest import Project, copy_project, made_once, start_bob

AXE = Path(__file__).with_name("axe.min.js")
TOKEN = "a token of the browser tests"
#: Milliseconds until something that never comes is given up: the machine may be busy.
PATIENCE = int(os.environ.get("CINEFORGE_TEST_PATIENCE", "120")) * 1000
SERIOUS = ("serious", "critical")

expect.set_options(timeout=PATIENCE)


def chromium() -> str:
    """The system's Chromium. Skips where there is none, but not in continuous integration."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None and os.environ.get("CI"):
        pytest.fail("Chromium is missing, which .ci/run is to install")
    if found is None:
        pytest.skip("there is no Chromium here: apt-get install chromium")
    return found


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """The address of a server that shows a project."""
    command = [sys.executable, "-m", "cineforge", "ui", "--port", "0", "--directory", str(folder)]
    environment = {**os.environ, "CINEFORGE_UI_TOKEN": TOKEN}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True)
    try:
        assert process.stdout is not None
        said = process.stdout.readline()
        found = re.search(r"(http://[^/]+)/", said)
        assert found is not None, said
        yield found[1]
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=PATIENCE / 1000)


@dataclass(eq=False)
class Visit:
    """One browser window on a project. What went wrong in it is noted, and asked for at the end."""

    page: Page
    address: str
    folder: Path
    troubles: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        """Open a page, and wait until nothing is on its way any more."""
        self.page.goto(self.address + path)
        self.settled()

    def settled(self) -> None:
        """Wait until the pieces of the page that come later are there."""
        self.page.wait_for_load_state("load")
        expect(self.page.locator("[aria-busy]")).to_have_count(0)

    def say(self, why: str, who: str = "ida") -> None:
        """Fill in who and why."""
        self.page.get_by_label("Who").last.fill(who)
        self.page.get_by_label(re.compile("^Why")).last.fill(why)

    def check_access(self) -> None:
        """Nothing that keeps somebody from using the page, by axe."""
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate(
            "axe.run(document, {iframes: false, resultTypes: ['violations']})"
            ".then((result) => result.violations.map((each) =>"
            " [each.impact, each.id, each.nodes.slice(0, 3).map((node) => node.html)]))"
        )
        wrong = [each for each in found if each[0] in SERIOUS]
        assert wrong == [], f"{self.page.url}: {wrong}"

    def check_width(self) -> None:
        """Nothing leaves the window."""
        too_wide = self.page.evaluate("document.documentElement.scrollWidth > innerWidth")
        assert not too_wide, f"{self.page.url} is wider than {self.page.viewport_size}"


class Visits:
    """Opens windows on projects."""

    def __init__(self, browser: Browser, stack: ExitStack) -> None:
        self._browser = browser
        self._stack = stack
        self._servers: dict[Path, str] = {}
        self._all: list[Visit] = []

    def open(self, folder: Path, **settings: Any) -> Visit:
        """A new window of its own session, let in."""
        if folder not in self._servers:
            self._servers[folder] = self._stack.enter_context(serving(folder))
        context: BrowserContext = self._browser.new_context(**settings)
        self._stack.callback(context.close)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        visit = Visit(page, self._servers[folder], folder)
        page.on("pageerror", lambda error: visit.troubles.append(f"error: {error}"))
        page.on(
            "console",
            lambda line: (
                visit.troubles.append(f"{line.type}: {line.text}")
                if line.type in ("error", "warning") and "status of 4" not in line.text
                else None
            ),
        )
        page.on("dialog", lambda dialog: visit.troubles.append(f"dialog: {dialog.message}"))
        page.goto(f"{visit.address}/?token={TOKEN}")
        self._all.append(visit)
        return visit

    def require_quiet(self) -> None:
        """No window had an error, a warning or a dialog."""
        assert [trouble for visit in self._all for trouble in visit.troubles] == []


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, without a window."""
    path = chromium()
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def visits(browser: Browser) -> Iterator[Visits]:
    """Windows for one test; in none of them something may have gone wrong."""
    with ExitStack() as stack:
        opened = Visits(browser, stack)
        yield opened
        opened.require_quiet()


@pytest.fixture
def demo(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Path:
    """The project that `make demo` makes, run once."""
    done = made_once(tmp_path_factory, "bob", lambda film: start_bob(film).snakemake())
    return copy_project(done, tmp_path / "film").folder


Prepare = Callable[[Project], object]
