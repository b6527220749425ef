"""A small film of two versions of a script and what was made from it, and commands called in this process."""

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
    """script@1 -> scene/scene_1@1, scene/scene_2@1 (with a picture) -> board@1."""
    folder = tmp_path / "film"
    with ArtifactStore(folder) as store:
        script = store.save_artifact("script", None, {"draft": 1}, SAID)
        scenes = [
            store.save_artifact(
                "scene", name, {"text": name}, made_from(script), files={"board/page.png": b"ink"}
            )
            for name in ("scene_1", "scene_2")
        ]
        store.save_artifact("board", None, {"scenes": 2}, made_from(*scenes))

    def ask(*words: str) -> Said:
        capsys.readouterr()
        status = main([*words, "--directory", str(folder)])
        said = capsys.readouterr()
        return Said(said.out, said.err, status)

    return Film(folder, ask)
