"""Damage to what is derived or private: it stops no command, spreads into no version, and is mended."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from cineforge.model.errors import StoreDamaged
from cineforge.model.health import Hold, HoldAction
from cineforge.model.metadata import Parent, Provenance, Source
from cineforge.model.own_payloads.collection import Collection
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.store import ArtifactStore, stage_payload
from tests.store.index_dump import live_dump, rebuilt_dump

from .scene import head_of

SAID = Provenance(source=Source.AI)
SCRIPT = ArtifactRef(artifact_type="script", version=1)
FROM_SCRIPT = Provenance(source=Source.AI, lineage=(Parent(ref=SCRIPT, role="script"),))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    with ArtifactStore(tmp_path) as store:
        store.save_artifact("script", None, {"n": 1}, SAID)
        store.save_artifact("scene", "scene_1", {}, FROM_SCRIPT)
    return tmp_path


def run_and_die(project: Path, body: str) -> None:
    """Real work in a real process that ends by kill -9."""
    prelude = (
        "import os, signal, sys\n"
        "from cineforge.model.metadata import Provenance, Source\n"
        "from cineforge.model.refs import ArtifactKey\n"
        "from cineforge.store import ArtifactStore, Publication, stage_payload\n"
        "from cineforge.store.publishing import batch as one_batch\n"
        "store, said = ArtifactStore(sys.argv[1]), Provenance(source=Source.AI)\n"
        "def die(*_): os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    words = [sys.executable, "-c", f"{prelude}{body}\ndie()", str(project)]
    done = subprocess.run(
        words, check=False, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    )
    assert done.returncode == -signal.SIGKILL


def change_index(project: Path, statement: str, *values: object) -> None:
    db = sqlite3.connect(project / ".cineforge" / "index.sqlite")
    assert db.execute(statement, values).rowcount > 0
    db.commit()
    db.close()


def test_an_owners_list_that_makes_no_sense_stops_no_command(project: Path) -> None:
    run_and_die(
        project, "stage_payload(store.project, ArtifactKey('shot', 'a'), {}, {}, store.owner)"
    )
    (listed,) = (project / "artifacts" / ".live" / "owners").iterdir()
    listed.write_bytes(listed.read_bytes().replace(b"shot/a", b"shot/\xff"))
    with ArtifactStore(project) as store:
        assert len(store.heads()) == 2


def test_reindex_sweeps_what_no_owner_lists_any_more(project: Path) -> None:
    run_and_die(
        project, "stage_payload(store.project, ArtifactKey('shot', 'a'), {}, {}, store.owner)"
    )
    (listed,) = (project / "artifacts" / ".live" / "owners").iterdir()
    listed.unlink()
    with ArtifactStore(project) as store:
        alive = stage_payload(project, ArtifactKey("shot", "b"), {}, {}, store.owner)
        assert len(list(project.glob("artifacts/shot/*/.staging-*"))) == 2
        store.reindex()
        assert list(project.glob("artifacts/shot/*/.staging-*")) == [alive.folder]


def test_a_version_is_found_again_when_the_log_of_the_index_is_cut(project: Path) -> None:
    run_and_die(project, "store.save_artifact('script', None, {'n': 2}, said)")
    log = project / ".cineforge" / "index.sqlite-wal"
    assert log.stat().st_size > 0
    os.truncate(log, 0)
    with ArtifactStore(project) as store:
        assert head_of(store, ArtifactKey("script")).version == 2
        assert store.stale() == [ArtifactRef(artifact_type="scene", entity_id="scene_1", version=1)]


def test_after_a_power_cut_a_version_is_found_by_its_folder(project: Path) -> None:
    run_and_die(project, "store.save_artifact('script', None, {'n': 2}, said)")
    os.truncate(project / ".cineforge" / "index.sqlite-wal", 0)
    # What a list that never reached the disk leaves, found after the machine was started again.
    (listed,) = (project / "artifacts" / ".live" / "owners").iterdir()
    listed.write_bytes(b"boot 00000000-0000-0000-0000-000000000000\n")
    with ArtifactStore(project) as store:
        assert head_of(store, ArtifactKey("script")).version == 2
        assert len(store.stale()) == 1


def test_the_index_is_on_the_disk_before_nothing_tells_of_its_writer(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ArtifactStore(project) as reader, ArtifactStore(project) as writer:
        reader.heads()
        writer.save_artifact("script", None, {"n": 2}, SAID)
        (owner,) = (project / "artifacts" / ".live" / "owners").iterdir()
        synced = []

        def notice(descriptor: int) -> None:
            assert owner.exists()
            synced.append(Path(f"/proc/self/fd/{descriptor}").resolve().name)

        monkeypatch.setattr(os, "fsync", notice)
        writer.close()
        assert not owner.exists()
        assert "index.sqlite-wal" in synced


def test_a_damaged_intent_is_not_published(project: Path) -> None:
    staged = "stage_payload(store.project, ArtifactKey(name), {'n': 2}, {}, store.owner)"
    batch = f"[Publication({staged}, said) for name in ('script', 'notes')]"
    run_and_die(project, f"one_batch.move_into_place = die\nstore.publish({batch})")
    change_index(
        project, "UPDATE intent SET meta = replace(CAST(meta AS TEXT), '\"ai\"', '\"human\"')"
    )
    with ArtifactStore(project) as store:
        assert head_of(store, ArtifactKey("script")).version == 1
        store.verify(store.save_artifact("script", None, {"n": 3}, SAID))


def test_a_record_that_does_not_fit_its_seal_is_no_part_of_a_rebuilt_index(project: Path) -> None:
    meta = project / "artifacts" / "script" / "_" / "v0001" / "meta.json"
    meta.chmod(0o644)
    meta.write_text(meta.read_text().replace('"created_at": "2', '"created_at": "9'))
    with ArtifactStore(project) as store:
        with pytest.raises(StoreDamaged, match=r"script/_/v0001"):
            store.reindex()
        ref = store.save_artifact("script", None, {"n": 1}, SAID)
        assert ref.version == 2
        assert store.metadata(ref).created_at.year < 9000


def test_a_damaged_list_of_members_is_no_part_of_a_rebuilt_index_but_a_damaged_hold_holds(
    project: Path,
) -> None:
    nobody = Collection(members={}).model_dump(mode="json")
    said = Provenance(source=Source.AI)
    with ArtifactStore(project) as store:
        cast = store.save_artifact("cast.members", None, nobody, said)
        hold = store.record_hold(
            Hold(artifact_type="script", action=HoldAction.HOLD, who="ida", why="locked")
        )
        for ref in (cast, hold):
            payload = store.folder(ref) / "data.json"
            payload.chmod(0o644)
            payload.write_bytes(payload.read_bytes() + b" ")
        with pytest.raises(StoreDamaged, match=r"cast.members/_/v0001"):
            store.reindex()
        assert store.head(cast.key) is None
        assert store.heads_of([ArtifactKey("script")])[ArtifactKey("script")].held


def test_what_is_sealed_of_a_parent_comes_from_the_parent_not_from_the_index(project: Path) -> None:
    change_index(project, "UPDATE version SET seal = ?", "sha256:" + "f" * 64)
    change_index(project, "UPDATE content SET digest = 'sha256:' || printf('%064x', id)")
    with ArtifactStore(project) as store:
        store.verify(store.save_artifact("scene", "scene_2", {}, FROM_SCRIPT))


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE artifact SET stale = 1 WHERE type = 'scene'",
        "UPDATE version SET created_at = created_at + 1",
        "DELETE FROM lineage",
        "UPDATE artifact SET head = 4711 WHERE type = 'scene'",
    ],
)
def test_an_index_that_says_something_else_than_the_folders_is_mended(
    project: Path, change: str
) -> None:
    change_index(project, change)
    with ArtifactStore(project) as store:
        assert store.repair_index()
        assert not store.repair_index()
        assert store.stale() == []
        assert [
            str(ref) for ref in store.depends_on(head_of(store, ArtifactKey("scene", "scene_1")))
        ] == ["script@1"]


def test_rows_that_make_no_sense_are_read_anew(project: Path) -> None:
    change_index(project, "UPDATE version SET source = 'nobody'")
    with ArtifactStore(project) as store:
        assert {row.source for row in store.heads().values()} == {Source.AI}


def test_a_half_made_link_of_a_killed_process_is_swept(project: Path) -> None:
    run_and_die(
        project,
        "from pathlib import Path\nPath.replace = die\nstore.save_artifact('script', None, {}, said)",
    )
    aside = project / ".cineforge" / "links"
    assert len(list(aside.iterdir())) == 1
    with ArtifactStore(project) as store:
        assert head_of(store, ArtifactKey("script")).version == 2
        assert (project / "current/script/_.json").resolve().parent.name == "v0002"
    assert list(aside.iterdir()) == []
    assert list(project.glob("current/*/.*")) == []


#: Both of one length: what a flipped bit makes of the text in which SQLite keeps what its tables are.
SCHEMA_DAMAGE = [
    (b"record INTEGER NOT NULL,\n    held", b"recorf INTEGER NOT NULL,\n    held"),
    (b"by_hand INTEGER NOT NULL", b"by_hane INTEGER NOT NULL"),
    (b"WHERE by_hand = 1", b"WHERE by_hand = 3"),
    (b"rank_number INTEGER", b"rank_number INTDGER"),
]


@pytest.mark.parametrize(("text", "flipped"), SCHEMA_DAMAGE)
def test_tables_that_are_others_than_they_were_made_are_made_anew(
    project: Path, text: bytes, flipped: bytes
) -> None:
    with ArtifactStore(project) as store:
        store.record_hold(
            Hold(artifact_type="script", action=HoldAction.HOLD, who="ida", why="locked")
        )
    index = project / ".cineforge" / "index.sqlite"
    raw = index.read_bytes()
    assert text in raw
    index.write_bytes(raw.replace(text, flipped))
    with ArtifactStore(project) as store:
        assert SCRIPT in store.held()
        store.save_artifact("scene", "scene_2", {}, FROM_SCRIPT)
    assert flipped not in index.read_bytes()
    assert live_dump(project) == rebuilt_dump(project)


def test_a_reindex_keeps_no_damaged_page(project: Path) -> None:
    index = project / ".cineforge" / "index.sqlite"
    with ArtifactStore(project) as store:
        store.heads()
    db = sqlite3.connect(index)
    (page,) = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'lineage'").fetchone()
    (size,) = db.execute("PRAGMA page_size").fetchone()
    db.close()
    raw = bytearray(index.read_bytes())
    # Where the page says that its first cell is: within its own head.
    raw[(page - 1) * size + 8 : (page - 1) * size + 10] = b"\x00\x09"
    index.write_bytes(raw)
    with ArtifactStore(project) as store:
        store.reindex()
    assert live_dump(project) == rebuilt_dump(project)
    db = sqlite3.connect(index)
    assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    db.close()
