"""A disk that is full: with room for no page, one page, two ... so that every step of a save meets it."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.store import ArtifactStore, Publication, stage_payload
from cineforge.store.disk.durable import CannotWrite
from tests.torture.children import Child, Ended, Say, cineforge, run_command, snakemake
from tests.torture.trials import Bench, Trials
from tests.torture.truth import SAID, Truth, new_project

PAGE = 4096
#: A save of the payload below needs no more pages than this.
MOST_PAGES = 90
#: A snakemake run of the echo recipe needs about so many.
RUN_PAGES = 700
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


@contextlib.contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path | None]:
    """A file system of its own of that size; None where mounting is not permitted."""
    place = folder / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)]
    try:
        done = subprocess.run(mount, capture_output=True, check=False)
    except FileNotFoundError:
        done = None
    if done is None or done.returncode != 0:
        yield None
        return
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


@contextlib.contextmanager
def only(disk: Path, pages: int) -> Iterator[None]:
    """Fill the disk up to so many free pages."""
    filler = disk / "filler"
    with filler.open("wb") as file:
        free = os.statvfs(disk).f_bavail
        if free > pages:
            os.posix_fallocate(file.fileno(), 0, (free - pages) * PAGE)
    try:
        yield
    finally:
        filler.unlink()


def full_disk(bench: Bench, count: int) -> Trials:
    """Saves and commands on a disk with ever more room; `count` of each, evenly spread."""
    trials = Trials("a full disk at every step of a save")
    with small_disk(bench.folder, "16m") as disk:
        if disk is None:
            trials.note = "NOT TRIED: mounting a tmpfs is not permitted here"
            return trials
        truth = Truth(new_project(disk))
        payload = bench.folder / "payload.json"
        for n in range(count):
            pages = n * MOST_PAGES // count
            payload.write_text(
                json.dumps({"text": _LETTERS[n % 26] * 20_000, "tags": []}), encoding="utf-8"
            )
            losses = _put(truth, disk, pages, payload)
            trials.record(f"put with {pages} free pages", [*losses, *truth.losses()])
            losses = _save_with_files(truth, disk, pages)
            trials.record(f"a save with files, {pages} free pages", [*losses, *truth.losses()])
            losses = _save_many(truth, disk, pages)
            trials.record(f"many at once, {pages} free pages", [*losses, *truth.losses()])
        trials.losses += truth.everything()
    return trials


def full_disk_in_runs(bench: Bench, count: int) -> Trials:
    """snakemake runs that meet a full disk; with room again the next one finishes the work."""
    trials = Trials("a full disk in real runs")
    with small_disk(bench.folder, "24m") as disk:
        if disk is None:
            trials.note = "NOT TRIED: mounting a tmpfs is not permitted here"
            return trials
        project = disk / "film"
        assert cineforge("init", str(project), "--recipe", "echo").status == 0
        truth = Truth(project)
        for n in range(count):
            # Most of what a run writes before its first job takes few pages: these are tried closely.
            pages = round(RUN_PAGES * ((n + bench.luck.random()) / count) ** 3)
            with only(disk, pages):
                ended = run_command(snakemake(project, "-c2", "-F"))
                status = cineforge("status", "--directory", str(project))
            losses = ended.losses(0, 1) + status.losses(0, 1) + truth.losses()
            losses += _told_by_the_run(ended)
            losses += run_command(snakemake(project, "-c2")).losses()
            trials.record(f"a run with {pages} free pages", losses)
        trials.losses += truth.everything()
    return trials


def _put(truth: Truth, disk: Path, pages: int, payload: Path) -> list[str]:
    """`cineforge put` and `status` while there is no room, and `status` when there is."""
    where = ("--directory", str(truth.project))
    with only(disk, pages):
        put = cineforge("put", "echo_item", "page_1", str(payload), *where)
        status = cineforge("status", *where)
    losses = put.losses(0, 1) + status.losses(0, 1) + _told(put) + _told(status)
    return losses + cineforge("status", *where).losses()


def _told(ended: Ended) -> list[str]:
    """A command that failed for want of room must say so."""
    if ended.status == 1 and "disk" not in ended.output:
        return [f"{ended.command} does not say that the disk is full: {ended.output.strip()}"]
    return []


def _told_by_the_run(ended: Ended) -> list[str]:
    """A run, too: our jobs in our words. Of its own files Snakemake says what the system said."""
    lines = [line for line in ended.output.splitlines() if " failed: " in line]
    raw = [line for line in lines if "No space" in line]
    said = any(word in ended.output for word in ("full", "No space"))
    if ended.status == 1 and (raw or not said):
        return [f"the run does not say that the disk is full: {(raw or [ended.output.strip()])[0]}"]
    return []


def _save_with_files(truth: Truth, disk: Path, pages: int) -> list[str]:
    data = {"pages": pages}

    def save(say: Say) -> None:
        files = {"one.bin": bytes(30_000), "more/two.bin": os.urandom(30_000)}
        with suppress(CannotWrite), ArtifactStore(truth.project) as store:
            say(str(store.save_artifact("board", None, data, SAID, files=files)))

    return _saved(truth, disk, pages, save, data)


def _save_many(truth: Truth, disk: Path, pages: int) -> list[str]:
    """What a batch does: numbers taken, payloads written aside, all of them published in one go."""
    data = {"pages": pages}
    keys = [ArtifactKey("scene", f"scene_{n}") for n in range(20)]

    def save(say: Say) -> None:
        with suppress(CannotWrite), ArtifactStore(truth.project) as store:
            batch = [
                Publication(
                    stage_payload(store.project, key, data, {}, store.owner, in_batch=True),
                    SAID,
                    number,
                )
                for key, number in store.reserve(keys, "run").items()
            ]
            for ref in store.publish_each(batch, unless_held=True):
                if not isinstance(ref, ArtifactRef):
                    raise ref
                say(str(ref))

    return _saved(truth, disk, pages, save, data)


def _saved(
    truth: Truth, disk: Path, pages: int, save: Callable[[Say], None], data: object
) -> list[str]:
    with only(disk, pages):
        status, said = Child(save).end()
    for ref in said:
        truth.acknowledge(ref, data)
    return [] if status == 0 else [f"the saving process ended with status {status}"]
