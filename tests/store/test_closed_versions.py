"""A version that may not be read is not gone: it stays known, and no run takes its place."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from cineforge.model.errors import VersionClosed
from cineforge.model.refs import ArtifactRef
from cineforge.store import ArtifactStore
from cineforge.store.disk import safe_files
from cineforge.store.index import rebuild
from cineforge.store.versions.verification import damage_of

from .nobody import NOBODY, as_nobody
from .test_read_only import project

__all__ = ["project"]

SCENE = ArtifactRef(artifact_type="scene", entity_id="scene_1", version=1)
FILES = ("artifacts/scene/scene_1/v0001/meta.json", "artifacts/scene/scene_1/v0001")


def by_their_owner(project: Path, work: Callable[[], object]) -> object:
    """What `work` returns in a process whose user the project is of, and modes mean something to."""
    if os.getuid() == 0:
        for path in (project.parent, *project.parent.rglob("*")):
            os.chown(path, NOBODY, NOBODY, follow_symlinks=False)

    def settled() -> object:
        tempfile.tempdir = str(project.parent / "tmp")
        return work()

    return as_nobody(settled)


def known(store: ArtifactStore) -> list[str]:
    return [str(ref) for ref in store.list_versions("scene", "scene_1")]


@pytest.mark.parametrize("name", FILES)
def test_verify_leaves_it_in_the_index(project: Path, name: str) -> None:
    (project / name).chmod(0)

    def verify() -> object:
        with ArtifactStore(project) as store:
            was_mended = store.repair_index()
            return [was_mended, known(store)]

    assert by_their_owner(project, verify) == [False, ["scene/scene_1@1"]]
    (project / name).chmod(0o755)


@pytest.mark.parametrize("name", FILES)
def test_an_index_that_lacks_it_says_so_until_it_may_be_read(project: Path, name: str) -> None:
    shutil.rmtree(project / ".cineforge")

    def look() -> object:
        (project / name).chmod(0)
        with ArtifactStore(project) as store:
            said = ""
            try:
                store.require_all_known()  # as runs and plans do
            except VersionClosed as error:
                said = str(error)
            before = known(store)
        (project / name).chmod(0o755)
        with ArtifactStore(project) as store:
            store.require_all_known()
            return [said, before, known(store)]

    found = by_their_owner(project, look)
    assert isinstance(found, list), found
    said, before, after = found
    assert (
        f"{project / FILES[0]} cannot be read (Permission denied): look at its permission" in said
    )
    assert "a run would make them again" in said
    assert (before, after) == ([], ["scene/scene_1@1"])


def test_a_disk_that_fails_is_no_damage(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:

    def failing(path: Path) -> bytes:
        if path.parent.parent.name == "scene_1":
            raise OSError(5, os.strerror(5), str(path))
        return safe_files.read_regular(path)

    shutil.rmtree(project / ".cineforge")
    monkeypatch.setattr(rebuild, "read_regular", failing)
    with ArtifactStore(project) as store:
        assert known(store) == []
    monkeypatch.undo()
    with ArtifactStore(project) as store:
        assert known(store) == ["scene/scene_1@1"]


@pytest.mark.parametrize("mode", [0o111, 0o444])
def test_a_folder_that_may_not_be_listed_or_entered_is_told_and_hides_nothing(
    project: Path, mode: int
) -> None:
    closed = project / "artifacts/scene/scene_1" / ("v0001" if mode == 0o111 else ".")
    closed.chmod(mode)
    told = by_their_owner(project, lambda: damage_of(project, SCENE))
    assert "cannot be read (Permission denied): look at its permissions" in str(told)
    closed.chmod(0o755)
