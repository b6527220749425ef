"""`make bench-store`: what the store costs, as ratios of things timed side by side, with the limits they keep to.

Makes projects of 100, 10,000 and 100,000 artifacts in a temporary folder: that takes about ten minutes and 2 GB.
"""

from __future__ import annotations

import argparse
import os
import random
import secrets
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from unittest import mock

from cineforge.model.metadata import Parent, Provenance, Source
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.store import ArtifactStore, Publication, stage_payload

SAID = Provenance(source=Source.AI)
COMMAND = Path(sys.executable).parent / "cineforge"
_BATCH = 2000
#: What is asked, or said, of a large project; a diff that finds differences ends with status 1.
QUESTIONS = (
    ["status"],
    ["why", "scene/scene_1"],
    ["lineage", "scene/scene_1"],
    ["history", "scene/scene_1"],
    ["show", "scene/scene_1"],
    ["diff", "scene/scene_1", "scene/scene_2"],
    ["hold", "scene/scene_1"],
)


@dataclass(frozen=True)
class Ratio:
    """One line of the report; `limit` None for what is only told."""

    what: str
    value: float
    limit: float | None

    def __str__(self) -> str:
        limit = "" if self.limit is None else f"(limit {self.limit:.1f})"
        verdict = "" if self.limit is None or self.value <= self.limit else "  TOO SLOW"
        return f"{self.what:<72} {self.value:6.2f}  {limit}{verdict}"


def made_project(folder: Path, size: int) -> Path:
    """A project of so many artifacts that all stand on one script."""
    # Only while it is set up: what is measured later is as durable as ever.
    with mock.patch("os.fsync"), ArtifactStore(folder) as store:
        script = store.save_artifact("script", None, {"draft": 1}, SAID)
        said = Provenance(source=Source.AI, lineage=(Parent(ref=script, role="script"),))
        keys = [ArtifactKey("scene", f"scene_{n}") for n in range(size - 1)]
        for start in range(0, len(keys), _BATCH):
            batch = [
                stage_payload(folder, key, {"id": key.entity_id}, {}, store.owner)
                for key in keys[start : start + _BATCH]
            ]
            store.publish([Publication(staged, said) for staged in batch])
    return folder


def in_turns(rounds: int, *works: Callable[[], object]) -> list[float]:
    """The median seconds of each of several works, done in turns so that a busy moment hits all of them.

    The order is another in each round: what one leaves to the disk the next one waits for.
    """
    times: list[list[float]] = [[] for _ in works]
    luck = random.Random(1)
    for _ in range(rounds):
        for place in luck.sample(range(len(works)), len(works)):
            times[place].append(_seconds(works[place]))
    return [statistics.median(taken) for taken in times]


class RawSave:
    """The least that a durable save can be: the same bytes in the same two files, synced, renamed, synced."""

    def __init__(self, folder: Path, like: Path) -> None:
        self._folder = folder
        self._contents = {name: (like / name).read_bytes() for name in ("data.json", "meta.json")}
        folder.mkdir()

    def __call__(self) -> None:
        name = secrets.token_hex(6)
        staging = self._folder / f".{name}"
        staging.mkdir()
        for file, content in self._contents.items():
            descriptor = os.open(staging / file, os.O_WRONLY | os.O_CREAT, 0o644)
            os.write(descriptor, content)
            os.fsync(descriptor)
            os.close(descriptor)
        _sync(staging)
        staging.rename(self._folder / name)
        _sync(self._folder)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)


def save_ratios(projects: dict[int, Path], rounds: int) -> list[Ratio]:
    """A durable save into projects of growing size, against each other and against writing alone."""
    stores = {size: ArtifactStore(project) for size, project in projects.items()}

    def save(store: ArtifactStore) -> ArtifactRef:
        return store.save_artifact("note", "one", {"text": secrets.token_hex(40)}, SAID)

    like = {size: store.load_artifact(save(store)).folder for size, store in stores.items()}
    smallest, largest = min(stores), max(stores)
    raw = RawSave(projects[smallest].parent / "raw", like[smallest])
    taken = in_turns(rounds, raw, *(lambda s=store: save(s) for store in stores.values()))
    for store in stores.values():
        store.close()
    by_size = dict(zip(stores, taken[1:], strict=True))
    ratios = [
        Ratio(
            f"durable save at {size:,} artifacts / the same at {smallest:,}",
            by_size[size] / by_size[smallest],
            1.3,
        )
        for size in stores
        if size != smallest
    ]
    what = f"durable save at {largest:,} artifacts / its bytes written, synced, renamed"
    raw_disk = Ratio("the latter alone, in ms: how fast this disk syncs", taken[0] * 1e3, None)
    return [*ratios, Ratio(what, by_size[largest] / taken[0], 3.0), raw_disk]


def stale_ratio(project: Path, size: int, rounds: int) -> Ratio:
    """Marking all that stands on a script as stale, against a bare SQL update of as many of the same rows.

    Marking is what such a save takes longer than one of an artifact that nothing stands on, in turns.
    """
    index = project / ".cineforge" / "index.sqlite"
    copy = project.parent / "bare.sqlite"
    store = ArtifactStore(project)
    marked, alone, bare = [], [], []
    for n in range(rounds):
        # From valid to stale each time: the content that all were made from comes back in between.
        store.save_artifact("script", None, {"draft": 1}, SAID)
        assert store.stale(1) == []
        marked.append(
            _seconds(partial(store.save_artifact, "script", None, {"draft": n + 2}, SAID))
        )
        alone.append(_seconds(partial(store.save_artifact, "note", "one", {"draft": n}, SAID)))
        shutil.copy(index, copy)
        bare.append(_bare_update(copy, size - 1))
    assert len(store.stale()) == size - 1
    store.close()
    marking = statistics.median(marked) - statistics.median(alone)
    what = f"marking {size - 1:,} dependents stale / a bare SQL update of as many rows"
    return Ratio(what, marking / statistics.median(bare), 3.0)


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _bare_update(file: Path, rows: int) -> float:
    db = sqlite3.connect(file, isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = NORMAL")
    db.execute("PRAGMA cache_size = -65536")
    db.execute("UPDATE artifact SET stale = 0 WHERE type = 'scene'")
    began = time.perf_counter()
    db.execute("BEGIN IMMEDIATE")
    done = db.execute("UPDATE artifact SET stale = 1 WHERE type = 'scene'").rowcount
    db.execute("COMMIT")
    taken = time.perf_counter() - began
    db.close()
    assert done == rows
    return taken


def command_ratios(project: Path, empty: Path, size: int, rounds: int) -> list[Ratio]:
    """Commands on a large project against the same on one that holds a single artifact, or none."""

    def command(folder: Path, words: Sequence[str], statuses: Sequence[int]) -> Callable[[], None]:
        line = [str(COMMAND), *words, "--directory", str(folder)]

        def run() -> None:
            done = subprocess.run(line, check=False, stdout=subprocess.DEVNULL)
            assert done.returncode in statuses, line

        return run

    ratios = []
    nothing = command(empty, ["status"], [0])
    for words in QUESTIONS:
        large, small = in_turns(rounds, command(project, words, [0, 1]), nothing)
        what = f"cineforge {words[0]} at {size:,} artifacts / status of an empty project"
        ratios.append(Ratio(what, large / small, 3.0))
    return ratios


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.store", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 10_000, 100_000])
    parser.add_argument("--rounds", type=int, default=150, help="saves of each kind")
    parser.add_argument("--keep", type=Path, help="make the projects here, or use those that are")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        projects = {}
        for size in sorted(options.sizes):
            projects[size] = folder / str(size)
            if not projects[size].exists():
                began = time.monotonic()
                made_project(projects[size], size)
                print(f"made {size:,} artifacts in {time.monotonic() - began:.0f} s", flush=True)
        shutil.rmtree(folder / "raw", ignore_errors=True)  # of a run before, with --keep
        (folder / "empty" / "artifacts").mkdir(parents=True, exist_ok=True)
        ratios = save_ratios(projects, options.rounds)
        ratios += [stale_ratio(projects[size], size, 9) for size in projects if size > 1000]
        largest = max(projects)
        ratios += command_ratios(projects[largest], folder / "empty", largest, 5)
    print(*ratios, sep="\n")
    return (
        1 if any(ratio.limit is not None and ratio.value > ratio.limit for ratio in ratios) else 0
    )


if __name__ == "__main__":
    sys.exit(main())
