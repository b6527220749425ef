"""What is done to the folders behind the index's back is noticed at the next opening, and taken up."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from cineforge.model.health import Hold, HoldAction
from cineforge.model.metadata import Parent, Provenance, Source
from cineforge.model.refs import ArtifactKey
from cineforge.store import ArtifactStore
from cineforge.store.index.tables import folder_times
from tests.store.index_dump import live_dump, rebuilt_dump

from .scene import head_of

SAID = Provenance(source=Source.AI)
BY_HAND = Provenance(source=Source.HUMAN)
SCENE = ArtifactKey("scene", "scene_1")


@pytest.fixture(autouse=True)
def nothing_is_fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """What changed a moment ago is looked at again for a while: here, only by what a look is meant to go by."""
    monkeypatch.setattr(folder_times, "_TICK", -(10**9))


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


def test_a_look_that_finds_nothing_writes_nothing(project: Path) -> None:
    head(project)
    before = index_of(project).read_bytes()
    assert head(project) == "scene/scene_1@1"
    assert index_of(project).read_bytes() == before
    assert not Path(f"{index_of(project)}-wal").exists()


def test_clones_of_a_project_from_before_give_it_the_same_name(project: Path) -> None:
    (project / "artifacts/.project").unlink()
    index_of(project).unlink()
    other = copied(project)
    save(project, 2)
    save(other, 3)
    names = [(each / "artifacts/.project").read_text() for each in (project, other)]
    assert names[0] == names[1]


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
