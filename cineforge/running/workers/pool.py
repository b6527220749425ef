"""Warm worker processes for module code, kept by pebble: a worker that dies takes only its own job with it."""

from __future__ import annotations

import atexit
import contextlib
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from cineforge.model.errors import ModuleFailed
from cineforge.running.workers.processes.pool_worker import (
    STOPPED,
    NeverStarted,
    Worker,
    WorkerInterrupted,
    never_started,
)
from cineforge.running.workers.processes.server_start import server_context
from cineforge.running.workers.report_data import parse_report
from cineforge.running.workers.spec import JobReport, JobSpec
from cineforge.store.disk.safe_files import read_regular

#: A worker may die before it has taken its task: so often another one is tried.
TRIES = 3


def _no_check(_report: JobReport) -> None:
    """What is called instead when there is nothing to check."""


#: How one of several calls ended: with a report, be it of a failure, or without.
Ended = JobReport | ModuleFailed


class WorkerPool:
    """As many workers as there are calls at once. Safe to call from many threads; each call blocks its own."""

    def __init__(self) -> None:
        self._idle: list[Worker] = []
        self._busy: set[Worker] = set()
        self._stopped = False
        self._lock = threading.Lock()
        self._ending = threading.Lock()
        self._context = server_context()
        atexit.register(self.stop)

    def call(
        self, spec: JobSpec, timeout: float | None, check: Callable[[JobReport], None] = _no_check
    ) -> JobReport:
        """Run one module. `timeout` is in seconds. Raises ModuleFailed when the worker dies or runs out of time.

        `check` is called with the report when the module has ended. If it raises ModuleFailed, the worker is given up:
        what the module has read, and may remember, is not to be used again.
        """
        for _ in range(TRIES):
            with contextlib.suppress(NeverStarted):
                return self._try(spec, timeout, check)
        raise ModuleFailed(never_started())

    def call_each(
        self,
        specs: Sequence[JobSpec],
        reports: Path,
        check: Callable[[Sequence[Ended]], None],
        *,
        go_on: bool,
    ) -> list[Ended]:
        """Run several modules, one after the other, in one worker; how each ended, in order: at least one.

        Others were not called: after the first that failed, unless it is to `go_on`, after the one that the worker died
        of, and when it takes too long. What was reported before, in the file `reports`, counts. `check` is called with
        all of it; if it raises ModuleFailed, the worker is given up. Raises WorkerInterrupted when the run is stopped.
        """
        for _ in range(TRIES):
            with contextlib.suppress(OSError):
                reports.unlink(missing_ok=True)
            with contextlib.suppress(NeverStarted):
                return self._try_each(specs, reports, check, go_on)
        return [ModuleFailed(never_started())]

    def stop(self) -> None:
        """End all workers, busy ones at once; no call is taken any more."""
        with self._lock:
            self._stopped = True
            workers = [*self._idle, *self._busy]
            self._idle.clear()
        with self._ending:  # who comes second returns when all is over as well
            for worker in workers:
                worker.ask_to_stop()
            for worker in workers:
                worker.end()

    def _try(
        self, spec: JobSpec, timeout: float | None, check: Callable[[JobReport], None]
    ) -> JobReport:
        worker = self._take()
        is_sound = False
        try:
            report = worker.call(spec, timeout)
            check(report)
            is_sound = True
            return report
        except (ModuleFailed, NeverStarted):
            if self._stopped:
                raise WorkerInterrupted(STOPPED) from None
            raise
        finally:
            self._give_back(worker, is_sound)

    def _try_each(
        self,
        specs: Sequence[JobSpec],
        reports: Path,
        check: Callable[[Sequence[Ended]], None],
        go_on: bool,
    ) -> list[Ended]:
        worker = self._take()
        is_sound = False
        try:
            died = _died(worker, specs, reports, go_on)
            found = _parsed(reports, specs)
            if died or not found:
                found.append(ModuleFailed(died or "its worker sent no report"))
            check(found)
            is_sound = not any(isinstance(each, ModuleFailed) for each in found)
            return found
        except (ModuleFailed, NeverStarted):
            if self._stopped:
                raise WorkerInterrupted(STOPPED) from None
            raise
        finally:
            self._give_back(worker, is_sound)

    def _take(self) -> Worker:
        with self._lock:
            if self._stopped:
                raise WorkerInterrupted(STOPPED)
            worker = self._idle.pop() if self._idle else Worker(self._context)
            self._busy.add(worker)
            return worker

    def _give_back(self, worker: Worker, is_sound: bool) -> None:
        with self._lock:
            self._busy.discard(worker)
            if self._stopped:
                return  # whoever stopped all workers ends this one too
            if is_sound:
                self._idle.append(worker)
                return
        # One that died may have held a lock of the channel that its successor would wait for.
        worker.ask_to_stop()
        worker.end()


def _died(worker: Worker, specs: Sequence[JobSpec], reports: Path, go_on: bool) -> str:
    """Have a worker make calls; why it ended while it was at one. Raises NeverStarted, WorkerInterrupted."""
    try:
        return worker.call_each(specs, reports, go_on)
    except WorkerInterrupted:
        raise
    except ModuleFailed as error:
        return str(error)


def _parsed(reports: Path, specs: Sequence[JobSpec]) -> list[Ended]:
    """The reports that were written to the end, or what is wrong with them."""
    try:
        lines = read_regular(reports).splitlines(keepends=True)
    except OSError:
        return []
    found: list[Ended] = []
    for line, spec in zip(lines, specs, strict=False):
        if line.endswith(b"\n"):
            try:
                found.append(parse_report(line, spec))
            except ModuleFailed as error:
                found.append(error)
    return found
