"""What is done to the folders behind the index's back is noticed at the next opening, and registered."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from cineforge.model.health import Hold, HoldAction
from cineforge.model.refs import ArtifactKey
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
    settle,
    sync,
)

from .scene import head_of

__all__ = ["nothing_is_fresh", "project"]


def test_versions_that_a_copy_brings_are_known_and_said_once(
    project: Path, caplog: pytest.LogCaptureFixture
) -> None:
    other = copied(project)
    save(other, 2, BY_HAND)
    sync(other, project)
    with ArtifactStore(project) as store:
        assert store.heads()[SCENE].held
    assert "1 version (scene/scene_1@2) came from outside" in caplog.text
    caplog.clear()
    assert head(project) == "scene/scene_1@2"
    assert caplog.text == ""
    assert agrees(project)


def test_a_hold_that_a_copy_brings_holds(project: Path) -> None:
    other = copied(project)
    hold = Hold(
        artifact_type="scene", entity_id="scene_1", action=HoldAction.HOLD, who="ida", why=""
    )
    with ArtifactStore(other) as store:
        store.record_hold(hold)
    sync(other, project)
    with ArtifactStore(project) as store:
        assert "scene/scene_1@1" in map(str, store.held())


def test_what_was_put_by_hand_into_one_artifacts_folder_is_seen_by_whoever_asks_for_it(
    project: Path,
) -> None:
    other = copied(project)
    save(other, 2)
    made = "artifacts/scene/scene_1/v0002"
    shutil.copytree(other / made, project / made)
    with ArtifactStore(project) as store:
        store.check_artifacts([SCENE])
        assert str(head_of(store, SCENE)) == "scene/scene_1@2"


def test_a_number_that_is_found_occupied_is_registered_by_whoever_saves_next(project: Path) -> None:
    other = copied(project)
    save(other, 2)
    with ArtifactStore(project) as store:
        store.heads()
        for number in (2, 3):
            made = f"artifacts/scene/scene_1/v{number:04d}"
            if (other / made).exists():
                shutil.copytree(other / made, project / made)
        assert store.save_artifact(*SCENE, {"n": 9}, SAID).version == 3
        assert [ref.version for ref in store.list_versions(*SCENE)] == [1, 2, 3]
    assert agrees(project)


def test_a_version_that_is_gone_is_said_and_what_is_there_counts(
    project: Path, caplog: pytest.LogCaptureFixture
) -> None:
    save(project, 2)
    settle(project)
    scene = project / "artifacts/scene/scene_1"
    shutil.move(scene / "v0002", project / "away")
    with ArtifactStore(project) as store:
        store.check_folders()
        assert "scene/scene_1@2) went" in caplog.text
        assert str(head_of(store, SCENE)) == "scene/scene_1@1"
        lost = [ref for ref in store.every_version() if store.damage(ref)]
        assert list(map(str, lost)) == ["scene/scene_1@2"]
        assert store.save_artifact(*SCENE, {"n": 3}, SAID).version == 3, "no number is given twice"
    shutil.move(project / "away", scene / "v0002")
    with ArtifactStore(project) as store:
        store.check_folders()
        assert [ref.version for ref in store.list_versions(*SCENE)] == [1, 2, 3]
        assert not [ref for ref in store.every_version() if store.damage(ref)]
    assert agrees(project)


@pytest.mark.parametrize("folder", ["artifacts/scene/scene_1", "artifacts/scene"])
def test_artifacts_that_are_gone_are_noticed_at_every_opening(project: Path, folder: str) -> None:
    shutil.rmtree(project / folder)
    assert head(project) == "None"
    assert not (project / "current/scene/scene_1.json").is_symlink()
    assert agrees(project)


def test_another_version_under_the_same_number_counts_and_is_named_by_verify(
    project: Path, caplog: pytest.LogCaptureFixture
) -> None:
    other = copied(project)
    save(project, 2)
    save(other, 3)
    settle(project)
    sync(other, project)
    with ArtifactStore(project) as store:
        ref = head_of(store, SCENE)
        assert store.heads()[SCENE].content == store.metadata(ref).content
        assert "scene/scene_1@2) became another" in caplog.text
        assert "another version than was known" in (store.damage(ref) or "")
        store.reindex()
        assert store.damage(ref) is None
    assert agrees(project)


def test_a_look_that_finds_nothing_writes_nothing(project: Path) -> None:
    head(project)
    before = index_of(project).read_bytes()
    assert head(project) == "scene/scene_1@1"
    assert index_of(project).read_bytes() == before
    assert not Path(f"{index_of(project)}-wal").exists()


def test_git_pull_brings_versions_and_an_older_commit_takes_them_away(
    project: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def git(*words: str, at: Path = project) -> None:
        name = ["-c", "user.name=film", "-c", "user.email=film@localhost"]
        subprocess.run(["git", *name, *words], cwd=at, check=True, capture_output=True)

    (project / ".gitignore").write_text(".cineforge/\nartifacts/.live/\n")
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "1"]):
        git(*words)
    clone = project.with_name("clone")
    git("clone", "-q", str(project), str(clone))
    settle(clone)
    save(project, 2, BY_HAND)
    for words in (["add", "-A"], ["commit", "-qm", "2"]):
        git(*words)
    git("pull", "-q", at=clone)
    with ArtifactStore(clone) as store:
        assert store.heads()[SCENE].held
    git("checkout", "-q", "HEAD~1", at=clone)
    assert head(clone) == "scene/scene_1@1"
    assert "scene/scene_1@2) went (an older commit" in caplog.text
    git("checkout", "-q", "-", at=clone)
    assert head(clone) == "scene/scene_1@2"
    assert agrees(clone)


def killed_in(work: Callable[[], None]) -> None:
    pid = os.fork()
    if pid == 0:
        try:
            work()
        finally:
            os._exit(0)
    os.waitpid(pid, 0)


def test_a_command_killed_while_it_takes_up_leaves_it_to_the_next(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = copied(project)
    save(other, 2)
    save(other, 2, SAID, ArtifactKey("scene", "scene_3"))
    sync(other, project)

    def work() -> None:
        from cineforge.store.index.tables import origin

        def die(*_: object) -> None:
            os.kill(os.getpid(), 9)

        monkeypatch.setattr(origin, "forget_returned", die)
        head(project)

    killed_in(work)
    assert head(project) == "scene/scene_1@2"
    assert agrees(project)


def test_a_version_that_is_whole_again_in_its_place_is_known_again(tmp_path: Path) -> None:
    with ArtifactStore(tmp_path) as store:
        for number in (1, 2):
            store.save_artifact("script", None, {"n": number}, SAID)
    record = tmp_path / "artifacts/script/_/v0002/meta.json"
    whole = record.read_bytes()
    record.chmod(0o644)
    record.write_bytes(b"<<<<<<< HEAD\n" + whole)
    with ArtifactStore(tmp_path) as store:
        assert store.repair_index()
        assert len(store.list_versions("script")) == 1
    record.write_bytes(whole)
    with ArtifactStore(tmp_path) as store:
        store.require_all_known()  # as runs and plans do
        assert len(store.list_versions("script")) == 2
