"""A file of 2 GB attached to versions: how much memory it takes, and how much room."""

from __future__ import annotations

import os
import resource
import shutil
from pathlib import Path

from cineforge.store import ArtifactStore
from tests.torture.children import Child, Say
from tests.torture.trials import Bench, Trials
from tests.torture.truth import SAID, Truth, new_project

_MIB = 1 << 20
#: What a save may take on top of what the program takes anyway.
_MOST_MEMORY = 16 * _MIB


def big_files(bench: Bench, count: int) -> Trials:
    """A reel of `count` MiB: saved, saved again beside another payload, and once more with a byte changed."""
    trials = Trials(f"an attached file of {count} MiB")
    reel = bench.folder / "reel.mov"
    with reel.open("wb") as file:
        file.truncate(count * _MIB)
    if shutil.disk_usage(bench.folder).free < 4 * count * _MIB:
        trials.note = "NOT TRIED: the disk has no room for it"
        return trials
    truth = Truth(new_project(bench.folder))
    most, inodes = 0, []
    for n, what in enumerate(("first", "unchanged", "one byte changed")):
        if what == "one byte changed":
            with reel.open("r+b") as file:
                file.seek(count * _MIB // 2)
                file.write(b"x")
        taken, ref = _save(truth.project, reel, n)
        truth.acknowledge(ref, {"n": n})
        with ArtifactStore(truth.project) as store:
            head = store.list_versions("reel")[-1]
            inodes.append((store.folder(head) / "files" / "reel.mov").stat().st_ino)
        most = max(most, taken)
        losses = [f"it took {taken // _MIB} MiB"] if taken > _MOST_MEMORY else []
        trials.record(what, losses)
    if inodes[0] != inodes[1] or inodes[1] == inodes[2]:
        trials.losses.append("the unchanged file was not linked, or the changed one was")
    trials.losses += truth.everything()
    trials.note = f"at most {most / _MIB:.1f} MiB more memory than an empty save"
    shutil.rmtree(truth.project)
    return trials


def _save(project: Path, reel: Path, n: int) -> tuple[int, str]:
    """Bytes of memory that the save took at its peak, beyond what a save without files had taken; and the version."""

    def save(say: Say) -> None:
        with ArtifactStore(project) as store:
            store.save_artifact("warm", None, {"n": n}, SAID)
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            ref = store.save_artifact("reel", None, {"n": n}, SAID, files={"reel.mov": reel})
            after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            say([(after - before) * 1024, str(ref)])

    status, said = Child(save).end()
    assert status == os.EX_OK, "the save of a big file failed"
    return said[0][0], said[0][1]
