"""Real processes killed with kill -9 at chosen and at random moments: a batch is there whole or not at all."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from cineforge.model.errors import StoreDamaged
from cineforge.store import ArtifactStore, stage_payload
from tests.store.killed import KEYS, SAID, leftovers, project, run_until_killed, start

__all__ = ["project"]


@pytest.mark.parametrize("call", [1, 3])
def test_killed_before_the_intent_is_declared_nothing_is_published(
    project: Path, call: int
) -> None:
    body = f"die_at(sealing, 'seal_metadata', {call})\npublish_all(1)"
    run_until_killed(project, body)
    with ArtifactStore(project) as store:
        assert {row.ref.version for row in store.heads().values()} == {1}
        assert leftovers(project) == []


@pytest.mark.parametrize("call", [1, 2, 4])
def test_killed_between_two_renames_all_is_published(project: Path, call: int) -> None:
    run_until_killed(project, f"die_at(batch, 'move_into_place', {call})\npublish_all(1)")
    with ArtifactStore(project) as store:
        heads = store.heads()
        assert {row.ref.version for row in heads.values()} == {2}
        for row in heads.values():
            store.verify(row.ref)
            assert store.ensure_current(row.ref.key).resolve().parent.name == "v0002"
        assert leftovers(project) == []


def test_killed_before_registering_all_is_published(project: Path) -> None:
    run_until_killed(project, "die_at(batch, 'register', 1)\npublish_all(1)")
    with ArtifactStore(project) as store:
        assert {row.ref.version for row in store.heads().values()} == {2}
        assert all(store.checked_data(row.ref) == {"n": 1} for row in store.heads().values())


@pytest.mark.parametrize("name", ["seal", "move_into_place"])
def test_a_single_version_is_not_there_when_its_maker_is_killed_before_the_rename(
    project: Path, name: str
) -> None:
    run_until_killed(
        project, f"die_at(single, '{name}', 1)\nstore.save_artifact(*keys[0], {{}}, said)"
    )
    with ArtifactStore(project) as store:
        assert [ref.version for ref in store.list_versions(*KEYS[0])] == [1]
        assert leftovers(project) == []


@pytest.mark.parametrize("name", ["sync_names", "register"])
def test_a_single_version_is_found_when_its_maker_is_killed_after_the_rename(
    project: Path, name: str
) -> None:
    run_until_killed(
        project, f"die_at(single, '{name}', 1)\nstore.save_artifact(*keys[0], {{'n': 1}}, said)"
    )
    with ArtifactStore(project) as store:
        head = store.head(KEYS[0])
        assert head is not None
        assert head.version == 2
        assert store.checked_data(head) == {"n": 1}
        assert store.ensure_current(KEYS[0]).resolve().parent.name == "v0002"
        assert leftovers(project) == []


@pytest.mark.slow
def test_killed_while_finishing_what_another_left_all_is_published(project: Path) -> None:
    run_until_killed(project, "die_at(batch, 'move_into_place', 2)\npublish_all(1)")
    run_until_killed(project, "die_at(batch, 'move_into_place', 3)\nstore.heads()")
    with ArtifactStore(project) as store:
        assert {row.ref.version for row in store.heads().values()} == {2}


@pytest.mark.slow
def test_killed_at_a_random_moment_batches_are_whole_and_what_was_said_is_there(
    project: Path,
) -> None:
    said = 0
    for lines in (1, 3, 7, 12):
        process = start(
            project,
            "n = 0\nwhile True:\n    n += 1\n    publish_all(n)\n    print(n, flush=True)",
        )
        assert process.stdout is not None
        for _ in range(lines):
            process.stdout.readline()
        process.kill()
        process.wait()
        said += lines
        with ArtifactStore(project) as store:
            versions = [len(store.list_versions(*key)) for key in KEYS]
            assert len(set(versions)) == 1
            assert versions[0] >= said + 1
            for row in store.heads().values():
                store.verify(row.ref)
            assert leftovers(project) == []


@pytest.mark.slow
def test_a_save_goes_on_after_a_kill_in_a_save_loop(project: Path) -> None:
    process = start(
        project,
        "while True:\n    print(store.save_artifact('scene', 'scene_0', {}, said), flush=True)",
    )
    assert process.stdout is not None
    told = [process.stdout.readline().strip() for _ in range(20)]
    process.kill()
    process.wait()
    with ArtifactStore(project) as store:
        there = [str(ref) for ref in store.list_versions("scene", "scene_0")]
        assert there[1:21] == told
        assert store.save_artifact("scene", "scene_0", {}, SAID).version == len(there) + 1


def test_what_a_living_process_has_staged_is_left_alone(project: Path) -> None:
    process = start(
        project,
        "print(stage_payload(store.project, keys[0], {}, {}, store.owner).folder, flush=True)\n"
        "signal.pause()",
    )
    assert process.stdout is not None
    folder = Path(process.stdout.readline().strip())
    with ArtifactStore(project) as store:
        assert len(store.heads()) == 4
        assert folder.is_dir()
    process.kill()
    process.wait()
    with ArtifactStore(project) as store:
        assert len(store.heads()) == 4
        assert not folder.exists()


def test_a_workers_staging_is_swept_with_the_store_it_works_for(project: Path) -> None:
    body = """
pid = os.fork()
if pid == 0:
    print(stage_payload(store.project, keys[0], {}, {}, token).folder, flush=True)
    signal.pause()
os.waitpid(pid, 0)
"""
    process = start(project, "token = store.owner\n" + body)
    assert process.stdout is not None
    folder = Path(process.stdout.readline().strip())
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    process.kill()
    process.wait()
    try:
        with ArtifactStore(project) as store:
            assert len(store.heads()) == 4
            assert not folder.exists()
    finally:
        for child in children:
            os.kill(int(child), signal.SIGKILL)


def test_staging_for_a_closed_store_is_refused(project: Path) -> None:
    store = ArtifactStore(project)
    token = store.owner
    store.close()
    with pytest.raises(StoreDamaged, match="was closed"):
        stage_payload(project, KEYS[0], {}, {}, token)
