"""Records a run while it happens: every event at once, the state at most half a second later."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cineforge.history.plan_fold import PlanFold
from cineforge.history.run_files import beat, discard_record, write_fold
from cineforge.history.run_fold import RunFold
from cineforge.history.state_file import state_text
from cineforge.model.errors import CineForgeError
from cineforge.model.records import run_events as ev
from cineforge.model.records.run_events import Event, RunStatus
from cineforge.model.secrets import data_without_secrets
from cineforge.store.disk.durable import CannotWrite, explaining
from cineforge.store.layout import EVENTS_FILE, LIVE_FILE, PLAN_FILE, STATE_FILE

FLUSH_SECONDS = 0.5
#: Writing the state may take at most this share of the time, however large it has become.
FLUSH_SHARE = 0.05
#: So many instances are held as records at once; a run plans thousands of them in one go.
_PACKED_AT = 500

#: What people, modules and Snakemake word as they like; nothing else of an event can hold a secret.
_IN_WORDS = frozenset({"command", "message", "error", "call"})

#: How often a run shows that it is alive while nothing else happens.
HEARTBEAT_SECONDS = 5.0

Listener = Callable[[Event], None]
#: Who wants to see the events of every run that this process begins to record. Called in any thread.
observers: list[Listener] = []


class RunExists(CineForgeError):
    """A run id that was used before was asked for."""


def require_unused(folder: Path) -> None:
    """Raise RunExists for the folder of a run that is there already: nothing is written into what another left."""
    if folder.exists() or folder.is_symlink():
        raise RunExists(f"there is a run '{folder.name}' already: choose another --run-id")


class Recorder:
    """The record of one run. Safe to use from many threads."""

    def __init__(
        self,
        folder: Path,
        started: Mapping[str, Any],
        upstream: Mapping[str, set[str]],
        secrets: Iterable[str] = (),
    ) -> None:
        """Begin a run's record. `started` are the fields of RunStarted; `upstream` tells which stages each waits for.

        None of the `secrets` goes on record, whoever tells them.

        Raises RunExists when the folder holds a run's record already, CannotWrite, leaving none, on a full disk.
        """
        with explaining(folder.parent):
            folder.mkdir(parents=True, exist_ok=True)
            self._events = _new_file(folder)
        self.fold = RunFold()
        self._plan = PlanFold()
        self._folder = folder
        self._upstream = upstream
        self._secrets = frozenset(each for each in secrets if len(each) > 3)
        self._stages_started: set[str] = set()
        self._stages_finished: set[str] = set()
        self._seq = 0
        self._lock = threading.RLock()
        self._dirty = threading.Event()
        self._closed = threading.Event()
        try:
            with explaining(folder.parent):
                beat(folder)
                self._take_in(self._written(ev.RunStarted, started))
                self._flush(durable=False)
        except CannotWrite:
            os.close(self._events)
            discard_record(folder)
            raise
        self._flusher = threading.Thread(target=self._flush_now_and_then, daemon=True)
        self._flusher.start()

    def emit(self, kind: Callable[..., Event], **fields: Any) -> None:
        """Record one event: it is in the file when this returns. `at` is now, unless it is given.

        On a full disk nothing is recorded: work goes on even if its record cannot.
        """
        with self._lock:
            if self._closed.is_set():
                return
            if kind is ev.JobStarted and fields["stage"] not in self._stages_started:
                self._stages_started.add(fields["stage"])
                self.emit(ev.StageStarted, stage=fields["stage"])
            try:
                event = self._written(kind, fields)
            except OSError:
                return
            self._take_in(event)
            if kind in (ev.Published, ev.Adopted, ev.Kept, ev.LeftOut):
                self._finish_stages()

    def _written(self, kind: Callable[..., Event], fields: Mapping[str, Any]) -> Event:
        event = kind(seq=self._seq + 1, **{"at": datetime.now(UTC), **fields})
        if self._secrets and any(name in _IN_WORDS for name in fields):
            # A module that quotes its key when it fails, say.
            said = event.model_dump(mode="json", include=set(_IN_WORDS))
            hidden = data_without_secrets(said, self._secrets)
            event = type(event).model_validate_json(
                json.dumps({**event.model_dump(mode="json"), **hidden})
            )
        self._append(event.model_dump_json().encode() + b"\n")
        return event

    def _take_in(self, event: Event) -> None:
        self._seq += 1
        self.fold.add(event)
        self._plan.add(event)
        if self.fold.unpacked >= _PACKED_AT:
            self.fold.pack()
        self._dirty.set()
        for observer in observers:
            observer(event)

    def _append(self, line: bytes) -> None:
        """Write one whole line or, raising OSError, nothing.

        One write a line: a killed process leaves whole lines only.
        """
        written = os.write(self._events, line)
        if written < len(line):
            os.ftruncate(self._events, os.fstat(self._events).st_size - written)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def close(self, status: RunStatus) -> None:
        """End the record; calling it again does nothing."""
        with self._lock:
            if self._closed.is_set():
                return
            self._finish_stages()
            self.emit(ev.RunFinished, status=status)
            self._closed.set()
            self._dirty.set()
        self._flusher.join()
        with contextlib.suppress(OSError):  # a full disk: whoever comes next ends the record
            os.fsync(self._events)
            self._flush(durable=True)
            if self.fold.is_finished:
                (self._folder / LIVE_FILE).unlink(missing_ok=True)
        os.close(self._events)

    def _finish_stages(self) -> None:
        """A stage is finished when nothing of it is open, and all it waits for is finished or was never begun."""
        for stage in self._upstream:
            if stage in self._stages_finished or stage not in self._stages_started:
                continue
            waiting = self._upstream[stage] & (self._stages_started - self._stages_finished)
            if not waiting and not self.fold.open_instances(stage):
                self._stages_finished.add(stage)
                self.emit(ev.StageFinished, stage=stage)

    def _flush_now_and_then(self) -> None:
        pause = FLUSH_SECONDS
        while not self._closed.is_set():
            is_dirty = self._dirty.wait(HEARTBEAT_SECONDS)
            began = time.monotonic()
            self._dirty.clear()
            with contextlib.suppress(
                OSError
            ):  # a full disk: the state is written when there is room
                beat(self._folder)
                if is_dirty:
                    self._flush(durable=False)
            pause = max(FLUSH_SECONDS, (time.monotonic() - began) / FLUSH_SHARE)
            self._closed.wait(pause)

    def _flush(self, *, durable: bool) -> None:
        with self._lock:
            state, by_stage = self.fold.state(with_instances=False), self.fold.packed()
            plan = self._plan.text() if self._plan.has_news else None
        # Only what changed is serialised anew: a large run costs no more per event than a small one.
        write_fold(self._folder, STATE_FILE, state_text(state, by_stage), durable=durable)
        if plan is not None:
            write_fold(self._folder, PLAN_FILE, plan, durable=durable)


def _new_file(folder: Path) -> int:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND
    try:
        return os.open(folder / EVENTS_FILE, flags, 0o644)
    except FileExistsError:
        raise RunExists(
            f"there is a run '{folder.name}' already: choose another --run-id"
        ) from None
