"""`make pictures`: the pictures in the documents, taken of the demo with one scene edited.

`python -m tests.browser.pictures FOLDER` writes every page, light and dark, wide and narrow, into a folder instead.
"""

from __future__ import annotations

import argparse
import io
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, expect, sync_playwright

from cineforge import Project

from .conftest import TOKEN, chromium, serving

ROOT = Path(__file__).resolve().parents[2]
IMAGES = ROOT / "docs" / "images"
SHOWN = {
    "overview": "/",
    "graph": "/graph?stale=1",
    "artifact": "/artifact/scene/scene_2",
    "plan": "/run?show=plan",
}
EVERY = SHOWN | {
    "artifacts": "/artifacts",
    "board": "/board",
    "diff": "/diff?a=scene/scene_2@1&b=scene/scene_2@2",
    "edit": "/edit/scene_report/scene_2",
    "json": "/edit/scene_report/scene_2?json=1",
    "put": "/put",
    "report": "/artifact/scene_report/scene_1",
    "runs": "/runs",
    "run": "",
    "script": "/artifact/scene/scene_1",
    "trouble": "/nothing",
    "why": "/artifact/strip_board/_",
}
_WIDTH, _HEIGHT, _QUALITY = 1200, 760, 82


def make_demo(folder: Path) -> None:
    """The demo, with one scene edited by hand and a report to be revised."""
    story = ROOT / "samples" / "cyber_bob_ep1.fountain"
    cineforge = [sys.executable, "-m", "cineforge"]
    init = [*cineforge, "init", str(folder), "--recipe", "screenplay", "--story", str(story)]
    subprocess.run(init, check=True, capture_output=True)
    run = [*cineforge, "run", "screenplay", "--directory", str(folder), "--run-id", "monday"]
    subprocess.run(run, check=True, capture_output=True)
    with Project(folder) as film:
        scene = film.show("scene/scene_2").data
        first = next(each for each in scene["elements"] if each["type"] == "action")
        first["text"] = first["text"].replace("\n", " ") + " It rains."
        film.put("scene/scene_2", scene, who="ida", why="it rains now")
        film.revise("scene_report/scene_3", who="otto", why="the beam is no prop")
        film.hold("scene_report/scene_1", who="otto", why="approved")


def take(
    browser: Browser,
    address: str,
    folder: Path,
    pages: dict[str, str],
    scheme: str,
    width: int,
    *,
    whole: bool,
) -> None:
    """Pictures of pages, by name."""
    size = {"width": width, "height": _HEIGHT}
    context = browser.new_context(viewport=size, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{address}/?token={TOKEN}")
    for name, path in pages.items():
        page.goto(f"{address}{path or '/runs/monday'}")
        page.wait_for_load_state("load")
        expect(page.locator("[aria-busy]")).to_have_count(0)
        kind = "" if scheme == "light" and not whole else f"-{scheme}-{width}"
        picture = Image.open(io.BytesIO(page.screenshot(full_page=whole)))
        picture.convert("RGB").save(
            folder / f"{name}{kind}.{'png' if whole else 'webp'}", quality=_QUALITY
        )
    context.close()


def main() -> None:
    """Take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        film = Path(scratch) / "cyber_bob"
        make_demo(film)
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        with serving(film) as address:
            folder = options.folder or IMAGES
            folder.mkdir(parents=True, exist_ok=True)
            if options.folder is None:
                take(browser, address, folder, SHOWN, "light", _WIDTH, whole=False)
            else:
                for scheme, width in (
                    ("light", 1280),
                    ("dark", 1280),
                    ("light", 320),
                    ("dark", 2560),
                ):
                    take(browser, address, folder, EVERY, scheme, width, whole=True)
        browser.close()
    for path in sorted(folder.iterdir()):
        if re.search(r"\.(webp|png)$", path.name):
            print(path, path.stat().st_size)


if __name__ == "__main__":
    main()
