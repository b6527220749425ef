"""Several processes, threads and forked children on one project."""

from __future__ import annotations

import multiprocessing
import os
import sqlite3
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from cineforge.model.metadata import Parent, Provenance, Source
from cineforge.model.refs import ArtifactKey
from cineforge.store import ArtifactStore, Publication, StagedPayload, stage_payload
from cineforge.store.index import write_wait
from tests.patience import PATIENCE

SAID = Provenance(source=Source.AI)


def save_many(project: Path, who: int, count: int) -> list[int]:
    with ArtifactStore(project) as store:
        return [
            store.save_artifact("scene", "scene_1", {"who": who, "n": n}, SAID).version
            for n in range(count)
        ]


def stage(project: Path, owner: str, n: int) -> StagedPayload:
    return stage_payload(project, ArtifactKey("shot", f"shot_{n}"), {"n": n}, {"f": b"x"}, owner)


@pytest.mark.slow
def test_two_processes_saving_the_same_artifact_never_share_a_number(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        numbers = list(pool.map(save_many, [tmp_path] * 2, [1, 2], [100] * 2))
    assert sorted(numbers[0] + numbers[1]) == list(range(1, 201))
    with ArtifactStore(tmp_path) as store:
        refs = store.list_versions("scene", "scene_1")
        seen = {(store.checked_data(ref)["who"], store.checked_data(ref)["n"]) for ref in refs}
        moments = {store.metadata(ref).created_at for ref in refs}
        assert len(seen) == len(moments) == 200
        assert store.ensure_current(refs[-1].key).resolve().parent.name == "v0200"


@pytest.mark.slow
def test_threads_share_one_store(tmp_path: Path) -> None:
    with ArtifactStore(tmp_path) as store:
        script = store.save_artifact("script", None, {}, SAID)
        said = Provenance(source=Source.AI, lineage=(Parent(ref=script, role="script"),))

        def work(thread: int) -> int:
            for n in range(10):
                store.save_artifact("scene", f"scene_{thread}", {"n": n}, said)
                store.heads()
            return len(store.list_versions("scene", f"scene_{thread}"))

        with ThreadPoolExecutor(6) as pool:
            assert list(pool.map(work, range(6))) == [10] * 6
        assert len(store.dependents(script)) == 60


@pytest.mark.slow
def test_workers_stage_and_the_owner_publishes(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    with ArtifactStore(tmp_path) as store, ProcessPoolExecutor(2, mp_context=context) as pool:
        staged = list(pool.map(stage, [tmp_path] * 6, [store.owner] * 6, range(6)))
        refs = store.publish([Publication(payload, SAID) for payload in staged])
        assert [store.checked_data(ref)["n"] for ref in refs] == list(range(6))
        for ref in refs:
            store.verify(ref)


def test_a_forked_child_can_use_the_store_it_inherited(tmp_path: Path) -> None:
    with ArtifactStore(tmp_path) as store:
        store.save_artifact("scene", "scene_1", {}, SAID)
        context = multiprocessing.get_context("fork")
        child = context.Process(
            target=lambda: store.save_artifact("scene", "scene_1", {"child": 1}, SAID)
        )
        child.start()
        child.join(PATIENCE)
        assert child.exitcode == 0
        assert store.save_artifact("scene", "scene_1", {"parent": 1}, SAID).version == 3


@pytest.mark.slow
def test_children_forked_while_a_thread_saves_can_save_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = multiprocessing.get_context("fork")
    monkeypatch.setattr(write_wait, "BUSY_SECONDS", 5)
    done = threading.Event()
    with ArtifactStore(tmp_path) as store, ThreadPoolExecutor(1) as pool:

        def go_on_saving() -> int:
            count = 0
            while not done.is_set():
                store.save_artifact("scene", "scene_1", {"n": count}, SAID)
                count += 1
            return count

        saves = pool.submit(go_on_saving)
        try:
            for n in range(10):
                child = context.Process(
                    target=store.save_artifact, args=("shot", "shot_1", {"n": n}, SAID)
                )
                child.start()
                child.join(PATIENCE)
                assert child.exitcode == 0
        finally:
            done.set()
        saved = saves.result()
        assert len(store.list_versions("scene", "scene_1")) == saved
        assert len(store.list_versions("shot", "shot_1")) == 10


def test_a_second_store_sees_what_the_first_saved(tmp_path: Path) -> None:
    with ArtifactStore(tmp_path) as one, ArtifactStore(tmp_path) as two:
        assert two.heads() == {}
        ref = one.save_artifact("scene", "scene_1", {}, SAID)
        assert two.head(ref.key) == ref
        assert two.save_artifact("scene", "scene_1", {}, SAID).version == 2


def first_save(project: Path, who: int, start: Path) -> int:
    while not start.exists():
        pass
    with ArtifactStore(project) as store:
        return store.save_artifact("scene", f"scene_{who}", {}, SAID).version


@pytest.mark.slow
def test_processes_that_begin_a_project_at_the_same_instant_all_save(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(6, mp_context=context) as pool:
        for n in range(12):
            project, start = tmp_path / f"film_{n}", tmp_path / f"start_{n}"
            saves = [pool.submit(first_save, project, who, start) for who in range(6)]
            start.touch()
            assert [save.result() for save in saves] == [1] * 6
            with ArtifactStore(project) as store:
                assert len(store.heads()) == 6


@pytest.mark.parametrize("stuck_at", [1, 2, 3])
def test_who_waits_for_a_slow_disk_keeps_nobody_else_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stuck_at: int
) -> None:
    monkeypatch.setattr(write_wait, "BUSY_SECONDS", 0.1)
    is_stuck, go_on = threading.Event(), threading.Event()
    calls: list[int] = []
    sync = os.fsync

    def slow_disk(descriptor: int) -> None:
        if threading.current_thread() is slow:
            calls.append(descriptor)
            if len(calls) == stuck_at:
                is_stuck.set()
                go_on.wait(PATIENCE)
        sync(descriptor)

    with ArtifactStore(tmp_path) as one, ArtifactStore(tmp_path) as two:
        first = one.save_artifact("scene", "scene_1", {"n": 1}, SAID)
        slow = threading.Thread(
            target=lambda: one.save_artifact("scene", "scene_1", {"n": 3}, SAID)
        )
        monkeypatch.setattr(os, "fsync", slow_disk)
        slow.start()
        assert is_stuck.wait(PATIENCE)
        try:
            other = two.save_artifact("scene", "scene_1", {"n": 2}, SAID)
            assert one.head(first.key) == other
        finally:
            go_on.set()
            slow.join()
        refs = one.list_versions("scene", "scene_1")
        assert [one.checked_data(ref)["n"] for ref in refs] == [1, 2, 3]
        moments = [one.metadata(ref).created_at for ref in refs]
        assert moments == sorted(set(moments))
        for ref in refs:
            one.verify(ref)


def test_who_waits_for_long_is_told_for_what(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(write_wait, "_SILENT_SECONDS", 0)
    index = tmp_path / ".cineforge" / "index.sqlite"
    with ArtifactStore(tmp_path) as store, ThreadPoolExecutor(1) as pool:
        store.save_artifact("scene", "scene_1", {}, SAID)
        with closing(sqlite3.connect(index, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            waits = pool.submit(store.save_artifact, "scene", "scene_1", {}, SAID)
            while not caplog.messages:
                assert not waits.done()
            other.execute("COMMIT")
        assert waits.result().version == 2
    assert caplog.messages == [f"another process keeps {index} locked: waiting for it"]
