"""What each live run is going to make, so that no two runs ever make the same.

A claim lies in `artifacts/.live/claims/<run_id>`, a file whose lock the kernel frees when its run dies, however it
dies. Claims are taken under one lock for all of them, so of two overlapping runs the second is refused. A job in
another process claims what it makes in a file of its own, `<run_id>:<digest>`: it may outlive its run.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cineforge.model.canonical import parsed_json
from cineforge.model.errors import ProjectBusy
from cineforge.model.names import NO_ENTITY
from cineforge.store.disk.durable import explaining
from cineforge.store.disk.safe_files import open_regular, read_text
from cineforge.store.layout import CLAIMS
from cineforge.store.locking import reservations
from cineforge.store.locking.file_lock import lock
from cineforge.store.locking.leftovers import CLAIMS_LOCK, JOB, is_locked

_FOLDER = Path(CLAIMS)
EVERY = "*"


@dataclass(frozen=True)
class Claim:
    """Artifacts of one type that a run makes. `entity` is a folder's name, or its beginning followed by `*`."""

    artifact_type: str
    entity: str

    def overlaps(self, other: Claim) -> bool:
        """Whether there can be an artifact that both mean."""
        if self.artifact_type != other.artifact_type:
            return False
        mine, theirs = self.entity.removesuffix(EVERY), other.entity.removesuffix(EVERY)
        if self.is_open and other.is_open:
            return mine.startswith(theirs) or theirs.startswith(mine)
        if self.is_open:
            return theirs.startswith(mine)
        return mine.startswith(theirs) if other.is_open else mine == theirs

    @property
    def is_open(self) -> bool:
        """Whether it stands for all that begins so."""
        return self.entity.endswith(EVERY)

    def __str__(self) -> str:
        whole = self.entity == NO_ENTITY
        return self.artifact_type if whole else f"{self.artifact_type}/{self.entity}"


class RunClaims:
    """The claims of one run, from `begin` to `end`."""

    def __init__(self, project: Path, run_id: str) -> None:
        self._folder = project / _FOLDER
        self._project = project
        self.run_id = run_id
        self._descriptor: int | None = None
        self._mine: set[Claim] = set()

    def begin(self) -> None:
        """Show that the run is alive. Raises ProjectBusy when a live run has the same id."""
        with _turn(self._folder):
            path = self._folder / self.run_id
            if is_alive(self._project, self.run_id):
                raise ProjectBusy(f"{_described(path)} has this id: choose another --run-id")
            # What a dead run left, or someone planted: its place is taken, nothing is written through a link.
            flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
            with explaining(path):
                path.unlink(missing_ok=True)
                descriptor = os.open(path, flags, 0o644)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            try:
                with explaining(self._project):
                    os.write(descriptor, _note())
            except BaseException:
                os.close(descriptor)
                raise
            self._descriptor = descriptor

    def add(self, wanted: Iterable[Claim]) -> bool:
        """Claim what the run is going to make; False when all of it had been claimed before.

        Raises ProjectBusy, claiming nothing, when a live run has some of it.
        """
        fresh = [claim for claim in dict.fromkeys(wanted) if claim not in self._mine]
        if not fresh or self._descriptor is None:
            return False
        with _turn(self._folder):
            for path in self._others():
                taken = list(_claims(path))
                for claim in fresh:
                    clash = next((each for each in taken if claim.overlaps(each)), None)
                    if clash is not None:
                        what = claim if clash.is_open else clash
                        may = "may yet make" if clash.is_open else "is making"
                        raise ProjectBusy(
                            f"{_described(path)} {may} {what}: wait for it, stop it, or name targets that"
                            " do not need what it makes"
                        )
            text = "".join(f"{claim.artifact_type}/{claim.entity}\n" for claim in fresh)
            with explaining(self._project):
                os.write(self._descriptor, text.encode())
        self._mine.update(fresh)
        return True

    def end(self) -> None:
        """Give up all claims."""
        if self._descriptor is not None:
            (self._folder / self.run_id).unlink(missing_ok=True)
            os.close(self._descriptor)
            self._descriptor = None

    def _others(self) -> Iterator[Path]:
        """The files of the other live runs and of their jobs; what dead ones left is removed."""
        alive, dead = {self.run_id}, set()
        for path in sorted(self._folder.iterdir()):
            run_id = path.name.partition(JOB)[0]
            if path.name == CLAIMS_LOCK or run_id == self.run_id:
                continue
            if is_locked(path):
                alive.add(run_id)
                yield path
            else:
                dead.add(run_id)
                with suppress(OSError):  # a folder that somebody put there
                    path.unlink()
        for run_id in dead - alive:
            reservations.forget(self._project, run_id)


@contextmanager
def job_claim(
    project: Path, run_id: str, job: str, makes: Iterable[Claim], on_wait: Callable[[], None]
) -> Iterator[None]:
    """Claim what one job makes while it is at work, wherever that is.

    The same job in another process is waited for, after `on_wait`: a scheduler may have started it twice.
    """
    digest = hashlib.sha256(job.encode()).hexdigest()[:16]
    path = project / _FOLDER / f"{run_id}{JOB}{digest}"
    text = (
        _note(job=job) + "".join(f"{each.artifact_type}/{each.entity}\n" for each in makes).encode()
    )
    while (descriptor := _first_at(path, text)) is None:
        on_wait()
        _wait_for(path)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(descriptor)


def _first_at(path: Path, text: bytes) -> int | None:
    """Take a job's lock and write its claims; None while another process has it."""
    with _turn(path.parent), explaining(path):
        if is_locked(path):
            return None
        path.unlink(missing_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        os.write(descriptor, text)
        return descriptor


def _wait_for(path: Path) -> None:
    with suppress(FileNotFoundError):
        descriptor = open_regular(path)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH)
        finally:
            os.close(descriptor)


@contextmanager
def _turn(folder: Path) -> Iterator[None]:
    """The lock for all claims of a project, which are in `folder`."""
    flags = os.O_RDWR | os.O_CREAT
    with explaining(folder / CLAIMS_LOCK):
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = open_regular(folder / CLAIMS_LOCK, flags)
    try:
        lock(descriptor, folder / CLAIMS_LOCK)
        yield
    finally:
        os.close(descriptor)


def is_alive(project: Path, run_id: str) -> bool:
    """Whether the process of a run is still there."""
    return is_locked(project / _FOLDER / run_id)


def _claims(path: Path) -> Iterator[Claim]:
    for line in read_text(path).splitlines()[1:]:
        artifact_type, _, entity = line.partition("/")
        yield Claim(artifact_type, entity)


def _note(**more: str) -> bytes:
    """The first line of a claim: who holds it."""
    note = {
        **more,
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "since": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    return json.dumps(note).encode() + b"\n"


def _described(path: Path) -> str:
    name = f"run {path.name.partition(JOB)[0]}"
    try:
        holder = parsed_json(read_text(path).partition("\n")[0])
        if "job" in holder:
            name = f"job {holder['job']} of {name}"
        return f"{name} (process {holder['pid']} on {holder['host']}, since {holder['since']})"
    except (OSError, ValueError, KeyError, TypeError):
        return f"{name} (just started)"
