"""Warm worker processes for module code, kept by pebble: a worker that dies takes only its own job with it."""

from __future__ import annotations

import atexit
import contextlib
import multiprocessing
import signal
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import CancelledError
from concurrent.futures import TimeoutError as FutureTimeout
from importlib.machinery import ModuleSpec

from pebble import ProcessExpired, ProcessPool

from cineforge.model.errors import ModuleFailed
from cineforge.running.spec import JobReport, JobSpec
from cineforge.running.worker import call_module, prepare_worker


class WorkerInterrupted(ModuleFailed):
    """A person stopped the run while the module was at work."""


class WorkerPool:
    """As many workers as there are calls at once. Safe to call from many threads; each call blocks its own.

    Every worker is a pool of one: a pool of many starts them all at once, needed or not, and a worker that
    is stopped while it starts prints a traceback of multiprocessing's own.
    """

    def __init__(self) -> None:
        self._idle: list[ProcessPool] = []
        self._busy: set[ProcessPool] = set()
        self._lock = threading.Lock()
        # Not fork: the run has threads. A fork server forks from a clean, warm process.
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["cineforge.running.worker"])
        _keep_main_out_of_workers()
        atexit.register(self.stop)

    def call(self, spec: JobSpec, timeout: float | None) -> JobReport:
        """Run one module. `timeout` is in seconds. Raises ModuleFailed when the worker dies or runs out of time."""
        with self._worker() as worker:
            future = worker.schedule(call_module, args=(spec,), timeout=timeout)
            try:
                report: JobReport = future.result()
            except FutureTimeout:
                raise ModuleFailed(f"ran longer than its timeout of {timeout:g} seconds") from None
            except ProcessExpired as error:
                if error.exitcode == -signal.SIGINT:
                    raise WorkerInterrupted("stopped by Ctrl-C") from None
                raise ModuleFailed(f"the worker process died ({_how(error.exitcode)})") from None
            except CancelledError:
                raise WorkerInterrupted("stopped with the run") from None
            except Exception as error:
                raise ModuleFailed(f"its result could not be handed over: {error}") from error
            return report

    def stop(self) -> None:
        """End all workers, busy ones at once."""
        with self._lock:
            workers = [*self._idle, *self._busy]
            self._idle.clear()
        for worker in workers:
            worker.stop()  # type: ignore[no-untyped-call]
        for worker in workers:
            worker.join()

    @contextlib.contextmanager
    def _worker(self) -> Iterator[ProcessPool]:
        with self._lock:
            worker = self._idle.pop() if self._idle else self._new_worker()
            self._busy.add(worker)
        try:
            yield worker
        finally:
            with self._lock:
                self._busy.discard(worker)
                self._idle.append(worker)

    def _new_worker(self) -> ProcessPool:
        return ProcessPool(max_workers=1, initializer=prepare_worker, context=self._context)


def _keep_main_out_of_workers() -> None:
    """Let workers start without the script that was typed.

    multiprocessing has each child import it, for functions it may define: here that is all of Snakemake, a
    second of CPU a worker. What is run as `python -m package` is left out, so the script goes by such a name.
    """
    main = sys.modules["__main__"]
    if main.__spec__ is None:
        main.__spec__ = ModuleSpec(f"{__package__}.__main__", None)


def _how(exitcode: int | None) -> str:
    if exitcode is not None and exitcode < 0:
        return f"killed by signal {-exitcode}"
    return f"exit status {exitcode}"
