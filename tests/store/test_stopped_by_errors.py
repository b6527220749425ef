"""A batch that an error stopped, or whose payload is gone: finished by the next store, or given up whole."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from cineforge.store import ArtifactStore, Publication, stage_payload
from cineforge.store.disk.durable import CannotWrite
from cineforge.store.publishing import batch, single
from cineforge.store.publishing.registration import register
from tests.store.killed import KEYS, SAID, leftovers, project, run_until_killed

__all__ = ["project"]


def full_disk(*_: object) -> None:
    raise OSError("no space left on device")


def test_a_single_version_stopped_by_an_error_is_found_by_the_next_store(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = ArtifactStore(project)
    with monkeypatch.context() as patched:
        patched.setattr(single, "register", full_disk)
        with pytest.raises(CannotWrite, match=r"no space left.* is safe.*scene/scene_0@2"):
            store.save_artifact(*KEYS[0], {"n": 1}, SAID)
    assert store.save_artifact(*KEYS[0], {"n": 2}, SAID).version == 3
    store.close()
    with ArtifactStore(project) as store:
        assert [ref.version for ref in store.list_versions(*KEYS[0])] == [1, 2, 3]


def test_a_store_that_a_full_disk_keeps_from_beginning_leaves_nothing(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ArtifactStore(project) as store, monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full_disk)
        for _ in range(3):
            with pytest.raises(CannotWrite, match="no space left"):
                store.save_artifact(*KEYS[0], {"n": 1}, SAID)
        assert list((project / "artifacts" / ".live" / "owners").iterdir()) == []


def test_a_batch_stopped_by_an_error_is_finished_by_the_next_store(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = ArtifactStore(project)
    staged = [
        Publication(stage_payload(project, key, {"n": 1}, {}, store.owner), SAID)
        for key in KEYS[:2]
    ]
    with monkeypatch.context() as patched:
        patched.setattr(batch, "register", full_disk)
        with pytest.raises(CannotWrite, match=r"no space left.* is safe"):
            store.publish(staged)
    assert store.save_artifact(*KEYS[0], {"n": 2}, SAID).version == 3
    store.close()
    with ArtifactStore(project) as store:
        assert [ref.version for ref in store.list_versions(*KEYS[0])] == [1, 2, 3]
        assert [ref.version for ref in store.list_versions(*KEYS[1])] == [1, 2]


def test_a_version_that_was_renamed_is_registered_in_an_index_made_anew(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[object] = []

    def deleted_meanwhile(*args: Any) -> Any:
        calls.append(args)
        if len(calls) == 1:
            (project / ".cineforge" / "index.sqlite").unlink()
        return register(*args)

    monkeypatch.setattr(single, "register", deleted_meanwhile)
    with ArtifactStore(project) as store:
        assert store.save_artifact(*KEYS[0], {"n": 1}, SAID).version == 2
        assert [ref.version for ref in store.list_versions(*KEYS[0])] == [1, 2]
    assert len(calls) == 2


def test_closing_a_store_sweeps_what_was_never_published(project: Path) -> None:
    with ArtifactStore(project) as store:
        staged = stage_payload(project, KEYS[0], {}, {}, store.owner)
        assert staged.folder.is_dir()
    assert leftovers(project) == []
    assert list((project / "artifacts" / ".live" / "owners").iterdir()) == []


def test_a_declared_batch_whose_payload_is_gone_is_given_up_whole(project: Path) -> None:
    run_until_killed(project, "die_at(batch, 'move_into_place', 1)\npublish_all(1)")
    shutil.rmtree(leftovers(project)[0])
    with ArtifactStore(project) as store:
        assert {row.ref.version for row in store.heads().values()} == {1}
        assert store.save_artifact(*KEYS[0], {}, SAID).version == 2
        assert leftovers(project) == []


@pytest.mark.parametrize("name", ["data.json", "files/page"])
def test_a_declared_payload_that_a_power_cut_left_torn_is_given_up_whole(
    project: Path, name: str
) -> None:
    run_until_killed(project, "die_at(batch, 'prepare', 1)\npublish_all(1)")
    torn = leftovers(project)[0] / name
    torn.chmod(0o644)
    torn.write_bytes(b"")
    with ArtifactStore(project) as store:
        assert {row.ref.version for row in store.heads().values()} == {1}
        assert leftovers(project) == []
