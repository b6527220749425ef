"""A project as one file: all of it is there, and nothing of what people wrote is more than text."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import zlib
from html.parser import HTMLParser
from pathlib import Path

import pytest

from cineforge import Project
from cineforge.commands.main import main
from cineforge.film_page.write_page import PACK, PageRequest, film_page
from cineforge.model.errors import CineForgeError
from cineforge.model.metadata import Parent, Provenance, Source
from cineforge.store import ArtifactStore, DrawingRequest

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\"'&<!--"
INK = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """tale@2 (by a person) -> verse/verse_1..9, of which those are stale; verse_1 has a picture and odd files."""
    folder = tmp_path / "film"
    said = Provenance(source=Source.AI, intent=HOSTILE, rationale=HOSTILE, producing_role=HOSTILE)
    with ArtifactStore(folder) as store:
        tale = store.save_artifact("tale", None, {"title": HOSTILE, "text": HOSTILE}, said)
        for n in range(1, 10):
            made = said.model_copy(update={"lineage": (Parent(ref=tale, role="tale"),)})
            files = {"a.png": INK, "b.svg": b"<svg onload='alert(1)'/>", "page.html": b"<script>"}
            data = {HOSTILE: [HOSTILE] * 3, "lines": [{"type": "action", "text": HOSTILE}] * 300}
            store.save_artifact("verse", f"verse_{n}", data, made, files=files if n == 1 else None)
        hand = Provenance(source=Source.HUMAN, producing_role="ida", rationale=HOSTILE)
        store.save_artifact("tale", None, {"title": "Second"}, hand)
    return folder


class Seen(HTMLParser):
    """The elements of a page, with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def page_of(folder: Path, request: PageRequest | None = None) -> str:
    with Project(folder) as project:
        return "".join(film_page(project, request or PageRequest()))


def unpacked(page: str) -> list[str]:
    packs = re.findall(r'<script type="text/plain" id="pack-\d+">([A-Za-z0-9+/=]*)</script>', page)
    return [zlib.decompress(base64.b64decode(each), -zlib.MAX_WBITS).decode() for each in packs]


def articles(page: str) -> dict[str, str]:
    found = {}
    for pack in unpacked(page):
        for name, text in re.findall(r'<article id="a:([^"]+)">(.*?)</article>', pack, re.DOTALL):
            found[name] = text
    return found


def test_every_artifact_is_in_it_with_all_that_is_known(film: Path) -> None:
    page = page_of(film)
    told = articles(page)
    assert set(told) == {"tale", *(f"verse/verse_{n}" for n in range(1, 10))}
    (packed,) = re.findall(r'<script type="application/json" id="packed">(.*?)</script>', page)
    assert set(json.loads(packed)) == set(told)
    verse = "".join(Seen(told["verse/verse_2"]).texts)
    assert "tale@2 has followed tale@1, which was read" in verse
    assert verse.count(HOSTILE) >= 300, "no part of a long payload is left out"
    tale = "".join(Seen(told["tale"]).texts)
    assert "Versions" in tale
    assert "ida (human)" in tale
    assert "verse/verse_9@1" not in tale, "it was made from what was before"
    overview = "".join(Seen(page).texts)
    assert "What is stale, and since which change" in overview
    assert "tale@2 by ida" in overview


def test_what_people_and_modules_wrote_stays_text(film: Path) -> None:
    page = page_of(film, PageRequest(pictures=True))
    for text in (page, *unpacked(page)):
        seen = Seen(text)
        assert "alert(1)</script><img" not in text
        for tag, attributes in seen.tags:
            assert not any(name.startswith("on") for name in attributes), (tag, attributes)
            assert tag not in ("iframe", "object", "embed", "base", "link")
            for name in ("src", "href", "xlink:href", "action"):
                address = attributes.get(name)
                assert address is None or address.startswith(("#", "data:image/")), (tag, address)
    scripts = [attributes.get("type") for tag, attributes in Seen(page).tags if tag == "script"]
    assert [each for each in scripts if each is None] == [None], "one script runs, and it is ours"


def test_the_page_lets_its_own_script_and_style_work_and_nothing_else(film: Path) -> None:
    page = page_of(film)
    ((_, meta),) = [
        each for each in Seen(page).tags if each[1].get("http-equiv") == "Content-Security-Policy"
    ]
    policy = dict(part.strip().split(" ", 1) for part in (meta["content"] or "").split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["img-src"] == "data:"
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    script = re.search(r"<script>(.*?)</script>", page, re.DOTALL)
    assert style is not None and script is not None
    for name, text in (("style-src", style[1]), ("script-src", script[1])):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert policy[name] == f"'sha256-{digest}'"
    assert "style=" not in re.sub(r"<svg.*?</svg>", "", page, flags=re.DOTALL)


@pytest.mark.slow
def test_pictures_are_put_in_when_asked_for_and_files_are_named(film: Path) -> None:
    without = articles(page_of(film))["verse/verse_1"]
    assert "data:" not in without
    assert all(name in without for name in ("a.png", "b.svg", "page.html"))
    told = articles(page_of(film, PageRequest(pictures=True)))["verse/verse_1"]
    pictures = [attributes["src"] or "" for tag, attributes in Seen(told).tags if tag == "img"]
    assert [each.partition(";")[0] for each in pictures] == ["data:image/png", "data:image/svg+xml"]
    assert base64.b64decode(pictures[0].partition(",")[2]) == INK


@pytest.mark.slow
def test_a_part_of_the_project(film: Path) -> None:
    with Project(film) as project:
        tale = project.ref("tale")
    asked = {
        "types": DrawingRequest(types=("tale",)),
        "stale": DrawingRequest(out_of_date=True, types=("verse",)),
        "up": DrawingRequest(up=(tale,)),
    }
    told = {name: set(articles(page_of(film, PageRequest(drawn)))) for name, drawn in asked.items()}
    assert told["types"] == told["up"] == {"tale"}
    assert told["stale"] == {f"verse/verse_{n}" for n in range(1, 10)}
    verse = articles(page_of(film, PageRequest(asked["stale"])))["verse/verse_1"]
    assert '<span class="ref">tale@1</span>' in verse, (
        "what is not on the page is named without a link"
    )
    with pytest.raises(CineForgeError, match="nothing that was asked for is there"):
        (film / "empty" / "artifacts").mkdir(parents=True)
        page_of(film / "empty")


def test_what_is_damaged_is_told_and_hides_nothing_else(film: Path) -> None:
    payload = film / "artifacts/verse/verse_3/v0001/data.json"
    payload.chmod(0o644)
    payload.write_text("{}")
    told = articles(page_of(film))
    assert len(told) == 10
    assert "card error" in told["verse/verse_3"]
    assert "card error" not in told["verse/verse_4"]


def test_artifacts_are_packed_in_pieces_that_are_quickly_unpacked(film: Path) -> None:
    with ArtifactStore(film) as store:
        said = Provenance(source=Source.AI)
        for n in range(4):
            store.save_artifact("book", f"b{n}", {"text": "words " * 50_000}, said)
    packs = unpacked(page_of(film))
    assert len(packs) >= 4
    assert all(len(pack) < PACK + 400_000 for pack in packs)


def test_without_graphviz_the_graph_is_told_in_words(
    film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    page = page_of(film)
    assert "<svg" not in page
    assert "Graphviz was not installed" in page
    assert "<td>tale</td><td>verse/*</td>" in page


def test_the_command_writes_the_file_and_says_how_large_it_is(
    film: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "film.html"
    target.write_text("before")
    assert main(["page", "-o", str(target), "--directory", str(film)]) == 0
    assert capsys.readouterr().out.startswith(f"{target}: ")
    assert "<!DOCTYPE html>" in target.read_text(encoding="utf-8")
    assert main(["page", "-o", str(target), "--type", "vers", "--directory", str(film)]) == 1
    assert "did you mean 'verse'?" in capsys.readouterr().err
    assert "<!DOCTYPE html>" in target.read_text(encoding="utf-8"), "the last one is still there"
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["film.html"]


@pytest.mark.parametrize("command", ["page", "verify"])
def test_on_a_terminal_it_is_told_how_far_the_command_is(
    command: str,
    film: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    what = {"page": ["-o", str(tmp_path / "film.html")], "verify": []}[command]
    assert main([command, *what, "--directory", str(film)]) == 0
    assert capsys.readouterr().err == ""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    assert main([command, *what, "--directory", str(film)]) == 0
    assert {"page": "laying out", "verify": "checking"}[command] in capsys.readouterr().err
