"""An index that is older than its folders, or another's, or damaged: the folders count."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from cineforge.store import ArtifactStore
from tests.store.outside import (
    BY_HAND,
    SAID,
    SCENE,
    agrees,
    copied,
    head,
    index_of,
    nothing_is_fresh,
    project,
    save,
    sync,
)

from .scene import head_of

__all__ = ["nothing_is_fresh", "project"]


def rename_over(old: Path, new: Path) -> None:
    old.replace(new)


def write_over(old: Path, new: Path) -> None:
    new.write_bytes(old.read_bytes())


@pytest.mark.parametrize("put_back", [rename_over, write_over])
def test_an_older_index_put_back_is_brought_up_to_date(
    project: Path, put_back: Callable[[Path, Path], None]
) -> None:
    backup = project.with_name("backup.sqlite")
    shutil.copy(index_of(project), backup)
    save(project, 2, BY_HAND)
    put_back(backup, index_of(project))
    with ArtifactStore(project) as store:
        assert str(head_of(store, SCENE)) == "scene/scene_1@2"
    assert agrees(project)


def test_another_projects_index_is_made_anew(project: Path, tmp_path: Path) -> None:
    with ArtifactStore(tmp_path / "other") as store:
        store.save_artifact("tale", None, {}, SAID)
    shutil.rmtree(project / ".cineforge")
    shutil.copytree(tmp_path / "other" / ".cineforge", project / ".cineforge")
    with ArtifactStore(project) as store:
        assert {key.artifact_type for key in store.list_artifacts()} == {"script", "scene"}
        assert all(store.damage(ref) is None for ref in store.every_version())
    assert agrees(project)


def test_two_projects_never_write_into_one_index(project: Path) -> None:
    other = project.with_name("linked")
    with ArtifactStore(project) as store:
        store.heads()  # so that its log is there as well
        subprocess.run(["cp", "-al", str(project), str(other)], check=True)
    before = index_of(project).read_bytes()
    save(other, 2)
    assert index_of(project).read_bytes() == before
    assert not index_of(project).samefile(index_of(other))
    save(project, 3)
    assert agrees(project)
    assert agrees(other)


def test_what_a_process_was_about_in_a_copy_is_settled_by_the_folders_alone(project: Path) -> None:
    other = copied(project)
    db = sqlite3.connect(index_of(other))
    meta = (other / "artifacts/scene/scene_1/v0001/meta.json").read_bytes()
    row = ("b", 0, "0" * 16, "artifacts/scene/scene_1/.staging-x", "scene", "scene_1", 7, meta)
    with db:
        db.execute("INSERT INTO intent VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
    db.close()
    with ArtifactStore(other) as store:
        assert store.save_artifact(*SCENE, {"n": 2}, SAID).version == 2
    assert agrees(other)


def test_a_row_under_a_wrong_name_is_no_version_that_went(project: Path) -> None:
    db = sqlite3.connect(index_of(project))
    with db:
        db.execute("UPDATE artifact SET entity = 'scene_9' WHERE entity = 'scene_1'")
    db.close()
    with ArtifactStore(project) as store:
        store.check_folders(deep=True)
        store.repair_index()
        assert all(store.damage(ref) is None for ref in store.every_version())
    assert agrees(project)


def test_a_flipped_bit_in_a_seal_of_the_index_is_no_other_version(
    project: Path, caplog: pytest.LogCaptureFixture
) -> None:
    copy = copied(project)  # so that every seal is looked at
    db = sqlite3.connect(index_of(copy))
    with db:
        (seal,) = db.execute("SELECT seal FROM version LIMIT 1").fetchone()
        flipped = seal[:-1] + chr(ord(seal[-1]) ^ 4)
        assert db.execute("UPDATE version SET seal = ? WHERE seal = ?", (flipped, seal)).rowcount
    db.close()
    with ArtifactStore(copy) as store:
        store.check_folders(deep=True)
        store.repair_index()
        assert all(store.damage(ref) is None for ref in store.every_version())
    assert "became another" not in caplog.text
    assert agrees(copy)


def test_a_clock_that_was_wrong_hides_nothing(project: Path) -> None:
    db = sqlite3.connect(index_of(project))
    with db:
        db.execute("UPDATE folder SET artifacts = 1 << 61, versions = 1 << 61")
    db.close()
    other = copied(project)
    save(other, 2)
    sync(other, project)
    assert head(project) == "scene/scene_1@2"


def test_clones_of_a_project_from_before_give_it_the_same_name(project: Path) -> None:
    (project / "artifacts/.project").unlink()
    index_of(project).unlink()
    other = copied(project)
    save(project, 2)
    save(other, 3)
    names = [(each / "artifacts/.project").read_text() for each in (project, other)]
    assert names[0] == names[1]
