"""A film page in a real browser: what is packed is shown, and nothing that people wrote ever runs."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from cineforge import Project
from cineforge.film_page.write_page import PageRequest, film_page
from cineforge.model.metadata import Parent, Provenance, Source
from cineforge.store import ArtifactStore
from tests.patience import PATIENCE

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(BROWSER is None, reason="there is no Chromium on this machine"),
]
OWN = "document.body.id='owned'"
HOSTILE = (
    f'</script><script>{OWN}</script><img src=x onerror="{OWN}"><a href="javascript:{OWN}">x</a>'
)


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """The page of a project that tries to be script wherever it can, with two artifacts."""
    said = Provenance(source=Source.AI, intent=HOSTILE, rationale=HOSTILE, producing_role=HOSTILE)
    with ArtifactStore(tmp_path / "film") as store:
        tale = store.save_artifact("tale", None, {"title": HOSTILE, HOSTILE: "first"}, said)
        made = said.model_copy(update={"lineage": (Parent(ref=tale, role="tale"),)})
        files = {"a.svg": f"<svg xmlns='http://www.w3.org/2000/svg' onload=\"{OWN}\"/>".encode()}
        store.save_artifact("verse", "v1", {"text": "the words of v1"}, made, files=files)
        store.save_artifact("tale", None, {"title": "Second"}, said)
    target = tmp_path / "film.html"
    with Project(tmp_path / "film") as project:
        target.write_text("".join(film_page(project, PageRequest(pictures=True))), "utf-8")
    return target


def shown(page: Path, place: str, tmp_path: Path) -> str:
    """The page's elements once its script has done its work."""
    command = [
        str(BROWSER),
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
    ]
    command += [f"--user-data-dir={tmp_path / 'browser'}", "--virtual-time-budget=10000"]
    done = subprocess.run(
        [*command, "--dump-dom", f"{page.as_uri()}#{place}"],
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE,
    )
    return done.stdout


@pytest.mark.parametrize(
    "place", ["overview", "graph", "runs", "t:verse", "a:verse/v1", "a:tale", "a:nope", "%E0"]
)
def test_nothing_that_people_wrote_runs(page: Path, tmp_path: Path, place: str) -> None:
    dom = shown(page, place, tmp_path)
    assert 'id="owned"' not in dom
    assert ('<body class="reading">' in dom) is (place in ("a:verse/v1", "a:tale"))


def test_what_an_artifact_says_is_unpacked_when_it_is_asked_for(page: Path, tmp_path: Path) -> None:
    assert "the words of v1" not in shown(page, "overview", tmp_path)
    article = shown(page, "a:verse/v1", tmp_path).partition('<div id="artifact">')[2]
    assert "the words of v1" in article
    assert "tale@2" in article, "the cause of its staleness"


def test_the_policy_holds_also_for_what_would_not_have_been_escaped(
    page: Path, tmp_path: Path
) -> None:
    text = page.read_text("utf-8")
    place = '<div id="artifact">'
    assert text.count(place) == 1
    page.write_text(
        text.replace(place, f'<script>{OWN}</script><img src=x onerror="{OWN}">{place}')
    )
    assert 'id="owned"' not in shown(page, "overview", tmp_path)
