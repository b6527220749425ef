"""Many processes saving at once, to the same artifact and to different ones, while others read."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path

from cineforge.store import ArtifactStore
from tests.torture.children import Child, Say
from tests.torture.trials import Bench, Trials
from tests.torture.truth import SAID, Truth, new_project


def many_writers(bench: Bench, count: int) -> Trials:
    """2 and 8 processes of `count` saves each, to the same artifact and each to its own. A save is a trial."""
    trials = Trials("2 and 8 processes saving at once")
    longest = 0.0
    for writers in (2, 8):
        for same in (True, False):
            what = f"{writers} writers of {'one artifact' if same else 'one artifact each'}"
            truth = Truth(new_project(bench.folder, f"{writers}{same}"))
            waited, losses = _round(truth, writers, same, count)
            longest = max(longest, waited)
            trials.record(what, [*losses, *truth.everything()])
            trials.made += writers * count - 1
    trials.note = f"longest look at the heads meanwhile: {longest:.2f} s"
    return trials


def _round(truth: Truth, writers: int, same: bool, count: int) -> tuple[float, list[str]]:
    """Let them write; returns the longest time that a reader waited, and what was lost."""
    reader = Child(lambda say: _read_on(truth.project, say))
    children = [Child(partial(_write, truth.project, who, same, count)) for who in range(writers)]
    losses, told = [], []
    for child in children:
        status, said = child.end()
        told += said
        if status != 0:
            losses.append(f"a writer ended with status {status} after {len(said)} saves")
    reader.kill()
    waits = reader.end()[1]
    names = [ref for ref, _ in told]
    if len(set(names)) != writers * count:
        losses.append(f"{writers * count} saves gave {len(set(names))} versions")
    for ref, data in told:
        truth.acknowledge(ref, data)
    return max(waits, default=0.0), losses


def _write(project: Path, who: int, same: bool, count: int, say: Say) -> None:
    with ArtifactStore(project) as store:
        for n in range(count):
            data = {"who": who, "n": n}
            say(
                [
                    str(store.save_artifact("scene", "all" if same else f"of_{who}", data, SAID)),
                    data,
                ]
            )


def _read_on(project: Path, say: Say) -> None:
    """Look at all heads, and read one whole, as `status` and `show` do; says when a look took longer than any."""
    longest = 0.0
    with ArtifactStore(project) as store:
        while True:
            began = time.monotonic()
            heads = store.heads()
            if heads:
                store.load_artifact(next(iter(heads.values())).ref)
            took = time.monotonic() - began
            if took > longest:
                longest = took
                say(took)
            time.sleep(0.01)
