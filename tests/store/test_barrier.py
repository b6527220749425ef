"""Large batches are brought to the disk by one sync of the file system, small ones and doubtful ones file by file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cineforge.model.metadata import Provenance
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.store import ArtifactStore, Publication, stage_payload
from cineforge.store.disk import barrier
from cineforge.store.disk.barrier import MANY, Barrier

SAID = Provenance()


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    """What the system was asked: every sync and rename in order; `syncfs` tells the error that a test sets."""
    return Disk(monkeypatch)


class Disk:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calls: list[str] = []
        self.synced: set[int] = set()
        self.hints = 0
        self.fails = False
        sync, rename = os.fsync, os.rename

        def hinted(*_: object) -> None:
            self.hints += 1

        def synced_file(descriptor: int) -> None:
            self.calls.append("fsync")
            self.synced.add(os.fstat(descriptor).st_ino)
            sync(descriptor)

        def synced_all(_descriptor: int) -> int:
            self.calls.append("syncfs")
            return -1 if self.fails else 0

        def renamed(source: Path, target: Path) -> None:
            if Path(source).name.startswith(".staging-"):
                self.calls.append("rename")
                if "syncfs" not in self.calls or self.fails:
                    for path in (source, *source.rglob("*")):
                        assert path.stat().st_ino in self.synced, path
            rename(source, target)

        monkeypatch.setattr(os, "posix_fadvise", hinted)
        monkeypatch.setattr(os, "fsync", synced_file)
        monkeypatch.setattr(os, "rename", renamed)
        monkeypatch.setattr(barrier, "_library_call", lambda: synced_all)
        monkeypatch.setattr(barrier, "_file_system", lambda _device: "ext4")
        monkeypatch.setattr(barrier, "_TELLS_ERRORS_SINCE", (0,))
        monkeypatch.setattr(barrier, "_SECONDS_A_FILE", 60.0)


def publish(store: ArtifactStore, count: int, *, each: bool = False) -> None:
    """As one batch, or `each` by itself in one go."""
    batch = [
        Publication(
            stage_payload(
                store.project,
                ArtifactKey("piece", f"p{n}"),
                {"n": n},
                {},
                store.owner,
                in_batch=True,
            ),
            SAID,
        )
        for n in range(count)
    ]
    if each:
        assert all(isinstance(done, ArtifactRef) for done in store.publish_each(batch))
    else:
        store.publish(batch)


@pytest.mark.parametrize("each", [False, True])
def test_a_large_batch_is_synced_as_a_whole_before_its_first_name_and_after_its_last(
    store: ArtifactStore, disk: Disk, each: bool
) -> None:
    publish(store, MANY, each=each)
    told = [call for call in disk.calls if call != "fsync"]
    assert told == ["syncfs", *["rename"] * MANY, "syncfs"]


def test_what_is_synced_as_a_whole_is_not_begun_file_by_file(
    store: ArtifactStore, disk: Disk
) -> None:
    publish(store, 2 * MANY, each=True)
    assert disk.hints == 0


@pytest.mark.parametrize("each", [False, True])
def test_a_small_batch_is_synced_file_by_file_with_the_folders_above(
    store: ArtifactStore, disk: Disk, each: bool
) -> None:
    publish(store, 2, each=each)
    assert "syncfs" not in disk.calls
    for folder in ("", "artifacts", "artifacts/piece", "artifacts/piece/p0"):
        assert (store.project / folder).stat().st_ino in disk.synced


@pytest.mark.parametrize("each", [False, True])
def test_what_is_in_doubt_after_an_error_is_synced_file_by_file(
    store: ArtifactStore, disk: Disk, each: bool
) -> None:
    disk.fails = True
    publish(store, MANY, each=each)
    assert disk.calls.count("syncfs") == 1
    assert disk.calls.count("rename") == MANY
    assert (store.project / "artifacts" / "piece" / "p1").stat().st_ino in disk.synced


def test_after_two_syncs_in_a_row_that_took_long_files_are_synced_one_by_one_for_a_while(
    store: ArtifactStore, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(barrier, "_SECONDS_A_FILE", 0.0)
    monkeypatch.setattr(barrier, "_REST", 1e9)
    publish(store, MANY)
    assert disk.calls.count("syncfs") == 2
    assert (store.project / "artifacts" / "piece" / "p1").stat().st_ino not in disk.synced
    publish(store, MANY)
    assert disk.calls.count("syncfs") == 2
    assert (store.project / "artifacts" / "piece" / "p1").stat().st_ino in disk.synced


def test_one_sync_that_took_long_is_what_others_had_written_before(
    tmp_path: Path, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(barrier, "_REST", 1e9)
    descriptor = os.open(tmp_path, os.O_RDONLY)
    ours = Barrier(descriptor)
    for seconds_a_file, synced in ((0.0, 1), (60.0, 2), (0.0, 3), (60.0, 4)):
        monkeypatch.setattr(barrier, "_SECONDS_A_FILE", seconds_a_file)
        assert ours.sync(MANY)
        assert disk.calls.count("syncfs") == synced
    os.close(descriptor)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["overlay", "fuse.sshfs", "nfs4", ""])
def test_a_file_system_that_stands_on_another_is_synced_file_by_file(
    store: ArtifactStore, disk: Disk, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(barrier, "_file_system", lambda _device: kind)
    publish(store, MANY)
    assert "syncfs" not in disk.calls


def test_an_older_linux_does_not_tell_what_could_not_be_written(
    store: ArtifactStore, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(barrier, "_TELLS_ERRORS_SINCE", (999, 0))
    publish(store, MANY)
    assert "syncfs" not in disk.calls


def test_the_system_tells_the_kind_of_file_system_and_takes_the_call(tmp_path: Path) -> None:
    with (tmp_path / "file").open("wb") as file:
        assert barrier._file_system(os.stat("/proc").st_dev) == "proc"  # noqa: PTH116
        assert barrier._syncfs(file.fileno())
    assert not barrier._syncfs(-1)
