"""Who only looks writes nothing in the project, whatever the dead left there, and sees what they published."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from cineforge.model.refs import ArtifactKey
from cineforge.store import ArtifactStore, layout

from .scene import BY_HAND, save


def _tree(folder: Path) -> dict[str, tuple[float, object]]:
    found: dict[str, tuple[float, object]] = {}
    for path in sorted(folder.rglob("*")):
        state = path.lstat()
        content = path.read_bytes() if path.is_file() and not path.is_symlink() else None
        found[str(path)] = state.st_mtime_ns, content
    return found


@pytest.fixture
def left_by_the_dead(tmp_path: Path) -> Path:
    """A project whose last writer was killed: after a version was renamed, with another one staged."""
    project = tmp_path / "film"
    with ArtifactStore(project) as store:
        save(store)
    child = os.fork()
    if child == 0:
        store = ArtifactStore(project)
        store.save_artifact("scene", "scene_8", {"text": "published"}, BY_HAND)
        from cineforge.store import stage_payload

        stage_payload(project, ArtifactKey("scene", "scene_9"), {"text": "staged"}, {}, store.owner)
        os._exit(0)
    os.waitpid(child, 0)
    return project


@pytest.mark.parametrize("index", ["there", "missing", "of before"])
def test_a_look_writes_nothing_and_sees_what_the_dead_published(
    left_by_the_dead: Path, index: str, tmp_path: Path
) -> None:
    project = left_by_the_dead
    if index != "there":
        shutil.rmtree(project / layout.PRIVATE)
    if index == "of before":
        aside = tmp_path / "aside"
        shutil.copytree(
            project / "artifacts" / "scene" / "scene_7", aside / "artifacts/scene/scene_7"
        )
        with ArtifactStore(aside) as store:
            store.list_artifacts()
        shutil.copytree(aside / layout.PRIVATE, project / layout.PRIVATE)
    before = _tree(project)
    with ArtifactStore(project, only_look=True) as store:
        heads = {str(key) for key in store.heads()}
    assert heads == {"scene/scene_7", "scene/scene_8"}
    assert _tree(project) == before
    with ArtifactStore(project) as store:
        assert {str(key) for key in store.heads()} == heads
    assert not list(project.glob("artifacts/*/*/.staging-*"))
