"""Warm worker processes for module code, kept by pebble: a worker that dies takes only its own job with it."""

from __future__ import annotations

import atexit
import multiprocessing
import threading
from concurrent.futures import TimeoutError as FutureTimeout

from pebble import ProcessExpired, ProcessPool

from cineforge.model.errors import ModuleFailed
from cineforge.running.spec import JobReport, JobSpec
from cineforge.running.worker import call_module, prepare_worker


class WorkerPool:
    """Starts workers at the first call. Safe to call from many threads; each call blocks its own."""

    def __init__(self, workers: int) -> None:
        self._workers = max(1, workers)
        self._pool: ProcessPool | None = None
        self._lock = threading.Lock()

    def call(self, spec: JobSpec, timeout: float | None) -> JobReport:
        """Run one module. `timeout` is in seconds. Raises ModuleFailed when the worker dies or runs out of time."""
        future = self._started().schedule(call_module, args=(spec,), timeout=timeout)
        try:
            report: JobReport = future.result()
        except FutureTimeout:
            raise ModuleFailed(f"ran longer than its timeout of {timeout:g} seconds") from None
        except ProcessExpired as error:
            raise ModuleFailed(f"the worker process died ({_how(error.exitcode)})") from None
        return report

    def stop(self) -> None:
        """End all workers at once, whatever they do."""
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.stop()  # type: ignore[no-untyped-call]
            pool.join()

    def _started(self) -> ProcessPool:
        with self._lock:
            if self._pool is None:
                # Not fork: the run has threads. A fork server forks from a clean, warm process.
                context = multiprocessing.get_context("forkserver")
                context.set_forkserver_preload(["cineforge.running.worker"])
                self._pool = ProcessPool(
                    max_workers=self._workers, initializer=prepare_worker, context=context
                )
                atexit.register(self.stop)
            return self._pool


def _how(exitcode: int | None) -> str:
    if exitcode is not None and exitcode < 0:
        return f"killed by signal {-exitcode}"
    return f"exit status {exitcode}"
