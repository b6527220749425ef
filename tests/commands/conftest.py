"""A small project: a tale, two verses with pictures, a board; and commands called in this process."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cineforge.commands.main import main
from cineforge.model.metadata import Parent, Provenance, Source
from cineforge.model.refs import ArtifactRef
from cineforge.store import ArtifactStore

SAID = Provenance(source=Source.AI, intent="made by a machine")


def made_from(*refs: ArtifactRef) -> Provenance:
    return Provenance(
        source=Source.AI, lineage=tuple(Parent(ref=ref, role="input") for ref in refs)
    )


@dataclass
class Said:
    """What a command printed, and its exit status."""

    out: str
    err: str
    status: int

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class Film:
    """The project's folder, and a way to type commands in it."""

    folder: Path
    ask: Callable[..., Said]

    def version(self, name: str) -> Path:
        return self.folder / "artifacts" / name

    def file(self, text: str) -> str:
        """A file to put, beside the project."""
        path = self.folder.parent / "mine.json"
        path.write_text(text, encoding="utf-8")
        return str(path)

    def damage(self, name: str) -> None:
        """Change one byte of a file of a version."""
        path = self.version(name)
        raw = bytearray(path.read_bytes())
        raw[len(raw) // 2] ^= 1
        path.chmod(0o644)
        path.write_bytes(raw)
        path.chmod(0o444)


@pytest.fixture
def film(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Film:
    """tale@1 -> verse/verse_1@1, verse/verse_2@1 (with a picture) -> board@1."""
    folder = tmp_path / "film"
    with ArtifactStore(folder) as store:
        tale = store.save_artifact("tale", None, {"draft": 1}, SAID)
        verses = [
            store.save_artifact(
                "verse", name, {"text": name}, made_from(tale), files={"board/page.png": b"ink"}
            )
            for name in ("verse_1", "verse_2")
        ]
        store.save_artifact("board", None, {"verses": 2}, made_from(*verses))

    schemas = folder / "schemas" / "artifacts"
    schemas.mkdir(parents=True)
    for name in ("tale", "verse", "board"):
        schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object"}
        (schemas / f"{name}.schema.json").write_text(json.dumps(schema))

    def ask(*words: str) -> Said:
        capsys.readouterr()
        status = main([*words, "--directory", str(folder)])
        said = capsys.readouterr()
        return Said(said.out, said.err, status)

    return Film(folder, ask)
