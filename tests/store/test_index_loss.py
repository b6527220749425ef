"""The index is derived: lost, corrupt or foreign, it is made again and answers the same."""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cineforge.model.errors import StoreDamaged
from cineforge.model.health import Hold, HoldAction
from cineforge.model.metadata import Parent, Provenance, Source
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.store import ArtifactStore, Publication, stage_payload
from cineforge.store.index.copying import copy_index
from cineforge.store.index.queries.query import HeadRow

from .scene import head_of

SAID = Provenance(source=Source.AI)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    with ArtifactStore(tmp_path) as store:
        script = store.save_artifact("script", None, {"n": 1}, SAID)
        from_script = Provenance(source=Source.AI, lineage=(Parent(ref=script, role="script"),))
        store.save_artifact("scene", "scene_1", {}, from_script)
        store.save_artifact("script", None, {"n": 2}, SAID)
        hold = Hold(artifact_type="script", action=HoldAction.HOLD, who="the writer", why="locked")
        store.record_hold(hold)
    return tmp_path


def index_of(project: Path) -> Path:
    return project / ".cineforge" / "index.sqlite"


def answers(
    project: Path,
) -> tuple[Mapping[ArtifactKey, HeadRow], list[ArtifactRef], list[ArtifactKey], list[ArtifactKey]]:
    with ArtifactStore(project) as store:
        return store.heads(), store.stale(), store.vanished(), store.list_artifacts()


def garbage(path: Path) -> None:
    path.write_bytes(b"this is no database" * 1000)


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def zeroed_pages(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[:4096] + bytes(len(content) - 4096))


def of_another_version(path: Path) -> None:
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version = 9999")
    db.execute("DROP TABLE artifact")
    db.close()


def not_finished(path: Path) -> None:
    path.write_bytes(b"")


def without_a_table(path: Path) -> None:
    db = sqlite3.connect(path)
    db.execute("DROP TABLE hold")
    db.close()


@pytest.mark.parametrize(
    "harm",
    [
        Path.unlink,
        garbage,
        cut_short,
        zeroed_pages,
        of_another_version,
        not_finished,
        without_a_table,
    ],
)
def test_a_harmed_index_is_rebuilt_and_answers_the_same(
    project: Path, harm: Callable[[Path], None]
) -> None:
    before = answers(project)
    assert before[1]
    harm(index_of(project))
    assert answers(project) == before


def test_a_name_that_only_one_place_of_the_index_has_is_told_once_and_mended(project: Path) -> None:
    flip_a_bit_of_a_name(index_of(project))

    with ArtifactStore(project) as store:
        strange = ArtifactRef(artifact_type="scrhpt", version=2)
        with pytest.raises(StoreDamaged, match=r"names scrhpt@2 in one place only.*again"):
            store.metadata(strange)
        assert not store.list_artifacts("scrhpt")
    with ArtifactStore(project) as store:
        assert not store.repair_index()


def flip_a_bit_of_a_name(index: Path) -> None:
    """In the row alone: SQLite's own list of these names keeps the right one."""
    whole = index.read_bytes()
    for place in (found.start() for found in re.finditer(b"script", whole)):
        index.write_bytes(whole[: place + 3] + b"h" + whole[place + 4 :])
        db = sqlite3.connect(index)
        (only_here,) = db.execute("SELECT count(*) FROM artifact NOT INDEXED WHERE type = 'scrhpt'")
        db.close()
        if only_here[0]:
            return
    pytest.fail("the name is not in the rows")


def test_the_whole_private_folder_may_go(project: Path) -> None:
    before = answers(project)
    shutil.rmtree(project / ".cineforge")
    assert answers(project) == before


def test_an_index_deleted_under_an_open_store_loses_nothing(project: Path) -> None:
    with ArtifactStore(project) as store:
        assert len(store.heads()) == 3
        index_of(project).unlink()
        ref = store.save_artifact("scene", "scene_2", {}, SAID)
        assert store.head(ref.key) == ref
        assert len(store.heads()) == 4
    assert len(answers(project)[0]) == 4


@pytest.mark.slow
def test_a_project_that_was_moved_is_told_as_that_though_somebody_makes_its_folder_anew(
    project: Path, tmp_path: Path
) -> None:
    film = tmp_path / "film"
    shutil.copytree(project, film, symlinks=True, ignore=lambda *_: {"film"})
    with ArtifactStore(film) as store:
        store.heads()
        film.rename(tmp_path / "elsewhere")
        film.mkdir()
        with pytest.raises(StoreDamaged, match=rf"no longer at {film}.*moved"):
            store.metadata(ArtifactRef(artifact_type="script", version=1))
        assert list(film.iterdir()) == []


def test_saves_go_on_while_somebody_deletes_the_private_folder_over_and_over(project: Path) -> None:
    deleting = f"for n in {{1..20}}; do rm -rf '{project}/.cineforge' 2>/dev/null; sleep 0.05; done"
    with subprocess.Popen(["bash", "-c", deleting]), ArtifactStore(project) as store:

        def save(thread: int) -> list[ArtifactRef]:
            return [store.save_artifact("shot", f"shot_{thread}", n, SAID) for n in range(20)]

        with ThreadPoolExecutor(2) as pool:
            saved = [ref for refs in pool.map(save, range(2)) for ref in refs]
    with ArtifactStore(project) as store:
        for ref in saved:
            store.verify(ref)
        assert store.list_versions("shot", "shot_0") == saved[:20]
        assert not store.repair_index()


def test_reindex_remakes_tickets_and_current_links(project: Path) -> None:
    ticket = project / "artifacts" / "script" / "_" / "v0001.json"
    current = project / "current" / "script" / "_.json"
    ticket.unlink()
    shutil.rmtree(project / "current")
    with ArtifactStore(project) as store:
        store.reindex()
    assert ticket.resolve() == project / "artifacts/script/_/v0001/data.json"
    assert current.resolve() == project / "artifacts/script/_/v0002/data.json"


def test_reindex_says_which_folder_cannot_be_read(project: Path) -> None:
    meta = project / "artifacts" / "scene" / "scene_1" / "v0001" / "meta.json"
    meta.unlink()
    with ArtifactStore(project) as store:
        with pytest.raises(StoreDamaged, match="scene_1/v0001"):
            store.reindex()
        assert store.head(ArtifactKey("script")) is not None
        assert store.save_artifact("scene", "scene_1", {}, SAID).version == 2


def test_a_copied_project_answers_the_same(project: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(project / "artifacts", copy / "artifacts", symlinks=True)
    assert answers(copy) == answers(project)


def test_what_was_being_staged_when_a_project_was_copied_is_swept_in_the_copy(
    project: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    with ArtifactStore(project) as store:
        staged = stage_payload(project, ArtifactKey("script"), {"n": 3}, {}, store.owner)
        shutil.copytree(project, copy, symlinks=True, ignore=lambda *_: {"copy"})
        owner = copy / "artifacts/.live/owners" / store.owner
    # Copied before the folder was listed there.
    owner.write_text(f"{owner.read_text().splitlines()[0]}\n")
    folder = copy / staged.folder.relative_to(project)
    assert folder.is_dir()

    answers(copy)

    assert not folder.exists()


def test_times_do_not_go_back_after_a_reindex(project: Path) -> None:
    with ArtifactStore(project) as store:
        last = max(store.metadata(row.ref).created_at for row in store.heads().values())
        shutil.rmtree(project / ".cineforge")
        ref = store.save_artifact("scene", "scene_9", {}, SAID)
        assert store.metadata(ref).created_at > last


def test_numbers_reserved_by_a_run_outlive_a_reindex(project: Path) -> None:
    with ArtifactStore(project) as store:
        key = ArtifactKey("script")
        store.reserve([key], "run_1")
        store.reindex()
        assert store.reserve([key], "run_2") == {key: 4}


def test_numbers_reserved_by_a_live_run_outlive_the_index(project: Path) -> None:
    script, scene, shot = ArtifactKey("script"), ArtifactKey("scene", "new"), ArtifactKey("shot")
    with ArtifactStore(project) as run, ArtifactStore(project) as person:
        assert run.reserve([script, scene], "run_1", common=True) == {script: 3, scene: 3}
        run.release(run.reserve([shot], "run_1"))
        shutil.rmtree(project / ".cineforge")
        assert person.save_artifact(*script, {"n": "by hand"}, SAID).version == 4
        assert person.save_artifact(*scene, {"n": "by hand"}, SAID).version == 4
        assert person.save_artifact(*shot, {}, SAID).version == 1
        staged = stage_payload(project, script, {"n": "paid for"}, {}, run.owner)
        run.publish([Publication(staged, SAID, 3)])
        assert head_of(run, script).version == 4
        assert run.reserve([scene], "run_1") == {scene: 5}
    with ArtifactStore(project) as store:
        assert store.save_artifact(*scene, {}, SAID).version == 5, "a closed store reserves nothing"
    index_of(project).unlink()
    assert [row.ref.version for row in answers(project)[0].values() if row.ref.key == scene] == [5]


def test_what_is_staged_outlives_the_index_whoever_makes_it_anew(project: Path) -> None:
    key = ArtifactKey("scene", "scene_1")
    with ArtifactStore(project) as run, ArtifactStore(project) as person:
        before = stage_payload(project, key, {"n": 1}, {"a.png": b"paid for"}, run.owner)
        shutil.rmtree(project / ".cineforge")
        person.reindex()
        after = stage_payload(project, key, {"n": 2}, {}, run.owner)
        person.reindex()
        refs = run.publish([Publication(before, SAID), Publication(after, SAID)])
        assert [run.checked_data(ref) for ref in refs] == [{"n": 1}, {"n": 2}]
        assert person.head(key) == refs[-1]


def test_the_log_of_a_deleted_index_is_not_read_into_the_next(project: Path) -> None:
    with ArtifactStore(project) as store:
        store.heads()
        kept = shutil.copytree(project / ".cineforge", project / "kept")
        before = answers(project)
    shutil.copy(kept / "index.sqlite-wal", f"{index_of(project)}-wal")
    index_of(project).unlink()
    assert answers(project) == before


def test_whoever_opens_an_index_in_the_making_waits_for_it(project: Path) -> None:
    shutil.rmtree(project / ".cineforge")
    stores = [ArtifactStore(project) for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        assert {len(heads) for heads in pool.map(ArtifactStore.heads, stores)} == {3}
    for store in stores:
        store.close()


def test_a_copy_for_looking_takes_no_lock_from_who_has_the_index_open(
    project: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = "import sys; from cineforge.store import ArtifactStore as S\nwith S(sys.argv[1]) as s: s.heads()"
    with ArtifactStore(project) as store:
        store.save_artifact("script", None, {"n": 3}, SAID)
        copy_index(index_of(project), tmp_path_factory.mktemp("copy") / "index.sqlite")
        subprocess.run([sys.executable, "-c", other, str(project)], check=True)
        # Who closes an index last removes its log: that was not the other.
        assert index_of(project).with_name("index.sqlite-shm").exists()
        assert store.save_artifact("script", None, {"n": 4}, SAID).version == 4
