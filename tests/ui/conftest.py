"""A small film with pages, and a browser's requests to it without a browser."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

from cineforge.model.metadata import Parent, Provenance, Source
from cineforge.model.refs import ArtifactRef
from cineforge.store import ArtifactStore
from cineforge.ui.access.hosts import Hosts
from cineforge.ui.access.sessions import Sessions
from cineforge.ui.app import make_app
from cineforge.ui.site import Site

TOKEN = "a token of the tests"
HOST = "http://127.0.0.1:8765"
SAID = Provenance(source=Source.AI, intent="made by a machine")
PAGE = b"<!DOCTYPE html><title>board</title><p>a board</p>"
#: One pixel.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc0000003010100c9fe92ef"
    "0000000049454e44ae426082"
)
VERSE = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "additionalProperties": False,
    "required": ["text", "lines"],
    "properties": {
        "text": {"type": "string", "description": "What is said."},
        "lines": {"type": "integer", "minimum": 0},
        "mood": {"enum": ["glad", "sad", None]},
        "loud": {"type": "boolean"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "place": {"type": "object", "properties": {"name": {"type": "string"}}},
        "notes": {"type": "array", "items": {"type": "object"}},
    },
}


def made_from(*refs: ArtifactRef) -> Provenance:
    return Provenance(
        source=Source.AI, lineage=tuple(Parent(ref=ref, role="input") for ref in refs)
    )


@dataclass
class Pages:
    """A browser that is let in, and the project that it looks at."""

    folder: Path
    client: TestClient

    def get(self, path: str, **headers: str) -> httpx.Response:
        answer: httpx.Response = self.client.get(path, headers=headers)
        return answer

    def text(self, path: str) -> str:
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        return answer.text

    def mark(self) -> str:
        """What the forms of this session carry."""
        found = re.search(r'name="mark" value="([0-9a-f]+)"', self.text("/put"))
        assert found is not None
        return found[1]

    def post(self, path: str, data: dict[str, Any], files: Any = None) -> httpx.Response:
        """Send a form of this session's own."""
        answer: httpx.Response = self.client.post(
            path,
            data={"mark": self.mark(), **data},
            files=files,
            headers={"origin": HOST},
            follow_redirects=False,
        )
        return answer

    def form(self, path: str) -> dict[str, str]:
        """What the form of a page holds, as a browser would send it."""
        text = self.text(path)
        found: dict[str, str] = {}
        for tag in re.findall(r"<input [^>]*>", text):
            kind = re.search(r'type="(\w+)"', tag)
            name = re.search(r'name="([^"]*)"', tag)
            value = re.search(r'value="([^"]*)"', tag)
            if name and not (kind and kind[1] in ("file", "checkbox", "search")):
                found[unescape(name[1])] = unescape(value[1]) if value else ""
        for tag, value in re.findall(r"<textarea ([^>]*)>\n?(.*?)</textarea>", text, re.S):
            name = re.search(r'name="([^"]*)"', tag)
            assert name is not None
            found[unescape(name[1])] = unescape(value).replace("\n", "\r\n")
        for tag, options in re.findall(r"<select ([^>]*)>(.*?)</select>", text, re.S):
            name = re.search(r'name="([^"]*)"', tag)
            chosen = re.search(r'value="([^"]*)" selected', options)
            first = re.search(r'value="([^"]*)"', options)
            assert name is not None
            value = chosen or first
            found[unescape(name[1])] = unescape(value[1]) if value else ""
        return found


def make_film(folder: Path) -> None:
    """tale@1 -> verse/verse_1@1, verse/verse_2@1 (with files) -> board@1."""
    with ArtifactStore(folder) as store:
        tale = store.save_artifact("tale", None, {"draft": 1}, SAID)
        files = {"page.html": PAGE, "pictures/one.png": PNG, "odd name é.bin": b"\0\1"}
        verses = [
            store.save_artifact(
                "verse",
                name,
                {"text": f"words of {name}", "lines": 1},
                made_from(tale),
                files=files,
            )
            for name in ("verse_1", "verse_2")
        ]
        store.save_artifact("board", None, {"verses": 2}, made_from(*verses))
    schemas = folder / "schemas" / "artifacts"
    schemas.mkdir(parents=True)
    plain = {"$schema": VERSE["$schema"], "type": "object"}
    for name, schema in (("tale", plain), ("verse", VERSE), ("board", plain)):
        (schemas / f"{name}.schema.json").write_text(json.dumps(schema))


def new_client(folder: Path) -> TestClient:
    """A browser that has not shown the token yet."""
    app = make_app(Site(folder, Sessions(TOKEN)), Hosts.of("127.0.0.1"))
    return TestClient(
        app, base_url=HOST, headers={"accept": "text/html"}, raise_server_exceptions=True
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The small film's folder."""
    make_film(tmp_path / "film")
    return tmp_path / "film"


@pytest.fixture
def stranger(folder: Path) -> Iterator[TestClient]:
    """A browser without a token."""
    with new_client(folder) as client:
        yield client


@pytest.fixture
def pages(folder: Path) -> Iterator[Pages]:
    """A browser that is let in."""
    with new_client(folder) as client:
        assert client.get(f"/?token={TOKEN}").status_code == 200
        yield Pages(folder, client)
