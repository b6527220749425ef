"""What others do to the folders of a project."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from cineforge.model.metadata import Parent, Provenance, Source
from cineforge.model.refs import ArtifactKey
from cineforge.store import ArtifactStore
from cineforge.store.index.tables import folder_times
from tests.store.index_dump import live_dump, rebuilt_dump

SAID = Provenance(source=Source.AI)
BY_HAND = Provenance(source=Source.HUMAN)
SCENE = ArtifactKey("scene", "scene_1")


@pytest.fixture(autouse=True)
def nothing_is_fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """What changed a moment ago is looked at again for a while: here, only by what a look is meant to go by."""
    monkeypatch.setattr(folder_times, "tick", lambda _: -(10**9))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "film"
    with ArtifactStore(folder) as store:
        script = store.save_artifact("script", None, {"n": 1}, SAID)
        said = Provenance(source=Source.AI, lineage=(Parent(ref=script, role="script"),))
        store.save_artifact(*SCENE, {"n": 1}, said)
        store.save_artifact("scene", "scene_2", {"n": 1}, said)
    settle(folder)
    return folder


def settle(project: Path) -> None:
    with ArtifactStore(project) as store:
        store.check_folders(deep=True)


def index_of(project: Path) -> Path:
    return project / ".cineforge" / "index.sqlite"


def copied(project: Path) -> Path:
    return Path(shutil.copytree(project, project.with_name("copy"), symlinks=True))


def save(project: Path, n: int, said: Provenance = SAID, key: ArtifactKey = SCENE) -> None:
    with ArtifactStore(project) as store:
        store.save_artifact(*key, {"n": n}, said)


def sync(source: Path, target: Path) -> None:
    """As `rsync -a source/artifacts target` does: new files, and the times of folders."""
    subprocess.run(["cp", "-a", f"{source}/artifacts", str(target)], check=True)


def head(project: Path, key: ArtifactKey = SCENE) -> str:
    with ArtifactStore(project) as store:
        return str(store.head(key))


def agrees(project: Path) -> bool:
    return live_dump(project) == rebuilt_dump(project)
