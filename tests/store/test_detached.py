"""A job on another host publishes without the index; whoever has the index learns of it."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cineforge.model.errors import VersionExists
from cineforge.model.metadata import Parent, Provenance, Source
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.store import (
    ArtifactStore,
    DetachedStore,
    IndexSnapshot,
    Publication,
    stage_payload,
)

from .index_dump import live_dump, rebuilt_dump
from .scene import head_of

SCENE = ArtifactKey("scene", "scene_1")
REPORT = ArtifactKey("report", "scene_1")
MADE = Provenance(source=Source.AI, run_id="monday")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with one scene; its store is closed."""
    with ArtifactStore(tmp_path) as store:
        store.save_artifact("scene", "scene_1", {"text": "INT. DINER"}, MADE)
    return tmp_path


def publish(project: Path, *keys: ArtifactKey, version: int = 1) -> tuple[ArtifactRef, ...]:
    """Publish a payload for each key in one batch, made from the scene, as a job on another host would."""
    store = DetachedStore(project, IndexSnapshot())
    scene = ArtifactRef(artifact_type="scene", entity_id="scene_1", version=1)
    said = MADE.model_copy(update={"lineage": (Parent(ref=scene, role="scene"),)})
    staged = [stage_payload(project, key, {"of": str(key)}, {}, store.owner) for key in keys]
    try:
        return store.publish([Publication(each, said, version) for each in staged])
    finally:
        store.close()


def test_what_a_job_published_is_registered_by_the_next_to_open_the_store(project: Path) -> None:
    index = project / ".cineforge" / "index.sqlite"
    before = index.read_bytes()
    publish(project, REPORT, ArtifactKey("stills"))
    assert index.read_bytes() == before, "a detached store never writes the index"

    with ArtifactStore(project) as store:
        assert store.head(REPORT) == ArtifactRef(
            artifact_type="report", entity_id="scene_1", version=1
        )
        assert str(store.depends_on(head_of(store, REPORT))[0]) == "scene/scene_1@1"
        store.verify(head_of(store, REPORT))
        assert live_dump(project) == rebuilt_dump(project)
    assert not list((project / "artifacts" / ".live" / "owners").iterdir())


def test_a_live_store_catches_up_with_what_jobs_published(project: Path) -> None:
    with ArtifactStore(project) as store:
        assert store.head(REPORT) is None
        publish(project, REPORT)
        store.register([REPORT])
        assert store.head(REPORT) is not None
        store.save_artifact("scene", "scene_1", {"text": "EXT. PARK"}, MADE)
        assert [str(ref) for ref in store.stale()] == ["report/scene_1@1"]
        publish(project, REPORT, version=2)
        store.catch_up()
        assert head_of(store, REPORT).version == 2
        assert live_dump(project) == rebuilt_dump(project)


def test_a_member_that_a_person_began_meanwhile_is_seen_and_held(project: Path) -> None:
    new = ArtifactKey("report", "scene_9")
    job = DetachedStore(project, IndexSnapshot())
    assert job.heads_of([new]) == {}
    with ArtifactStore(project) as person:
        mine = person.save_artifact(*new, {"by": "hand"}, Provenance(source=Source.HUMAN))
        row = job.heads_of([new])[new]
        assert (row.ref, row.held) == (mine, True)
        assert row.content == person.heads()[new].content
    publish(project, REPORT)
    assert not job.heads_of([REPORT])[REPORT].held
    job.close()


def test_a_number_that_is_there_is_never_overwritten(project: Path) -> None:
    publish(project, REPORT)
    folder = project / "artifacts" / "report" / "scene_1"
    before = {path: path.read_bytes() for path in (folder / "v0001").iterdir()}
    with pytest.raises(VersionExists):
        publish(project, REPORT)
    assert {path: path.read_bytes() for path in (folder / "v0001").iterdir()} == before
    with ArtifactStore(project) as store:
        assert [ref.version for ref in store.list_versions(*REPORT)] == [1]
    assert not list(folder.glob(".staging-*"))


def test_of_two_that_publish_a_number_at_the_same_instant_the_second_is_told_so(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename = Path.rename

    def after_another(folder: Path, target: Path) -> Path:
        # Both have found the number free; the other is a moment faster.
        monkeypatch.setattr(Path, "rename", rename)
        publish(project, REPORT)
        return rename(folder, target)

    monkeypatch.setattr(Path, "rename", after_another)
    with pytest.raises(VersionExists, match=r"report/scene_1@1"):
        publish(project, REPORT)
    with ArtifactStore(project) as store:
        assert [ref.version for ref in store.list_versions(*REPORT)] == [1]
        store.verify(head_of(store, REPORT))
    assert not list(project.glob("artifacts/report/*/.staging-*"))


KILLED = """
import os, signal, sys
sys.path.insert(0, {root!r})
from pathlib import Path
from cineforge.store.publishing import journal

from tests.store.test_detached import REPORT, ArtifactKey, publish
calls = 0
def dies(*arguments, **named):
    global calls
    calls += 1
    if calls == {call}:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*arguments, **named)
real, journal.{name} = journal.{name}, dies
publish(Path({project!r}), REPORT, ArtifactKey("stills"), ArtifactKey("frames"))
"""


def killed_at(project: Path, name: str, call: int) -> None:
    script = KILLED.format(root=str(Path.cwd()), project=str(project), name=name, call=call)
    done = subprocess.run([sys.executable, "-c", script], check=False)
    assert done.returncode == -signal.SIGKILL


@pytest.mark.parametrize(
    ("name", "call", "published"),
    [
        ("prepare", 1, False),
        ("prepare", 2, True),
        ("_write", 1, False),
        ("move_into_place", 1, True),
        ("move_into_place", 2, True),
        ("move_into_place", 3, True),
        ("sync_names", 1, True),
    ],
)
def test_killed_at_any_point_all_of_a_batch_is_published_or_nothing(
    project: Path, name: str, call: int, published: bool
) -> None:
    killed_at(project, name, call)
    with ArtifactStore(project) as store:
        heads = [store.head(ArtifactKey(each)) for each in ("stills", "frames")]
        assert [head is not None for head in (*heads, store.head(REPORT))] == [published] * 3
        assert live_dump(project) == rebuilt_dump(project)
        store.save_artifact("report", "scene_1", {"again": True}, MADE)
    assert not list(project.glob("artifacts/*/*/.staging-*"))
    assert not list((project / "artifacts" / ".live" / "owners").iterdir())


def test_the_next_attempt_finds_what_a_killed_one_had_declared(project: Path) -> None:
    killed_at(project, "move_into_place", 2)
    store = DetachedStore(project, IndexSnapshot())
    assert all(
        store.is_published(ArtifactRef(artifact_type=name, entity_id=entity, version=1))
        for name, entity in (("report", "scene_1"), ("stills", None), ("frames", None))
    )
    store.close()
    with ArtifactStore(project) as whole:
        whole.heads()
        assert live_dump(project) == rebuilt_dump(project)


def test_a_declared_batch_outlives_all_that_is_disposable(project: Path) -> None:
    killed_at(project, "move_into_place", 2)
    shutil.rmtree(project / ".cineforge")
    with ArtifactStore(project) as store:
        keys = (REPORT, ArtifactKey("stills"), ArtifactKey("frames"))
        assert [head_of(store, key).version for key in keys] == [1, 1, 1]


def test_an_owner_of_another_host_that_lives_keeps_what_it_staged(project: Path) -> None:
    store = DetachedStore(project, IndexSnapshot())
    staged = stage_payload(project, REPORT, {"n": 1}, {}, store.owner)
    with ArtifactStore(project) as other:
        other.catch_up()
        assert staged.folder.is_dir()
    assert staged.folder.is_dir()
    store.close()
    with ArtifactStore(project) as other:
        other.heads()
        assert not staged.folder.exists()
