"""One warm worker process: a pool of pebble's with one place, started when it is needed."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Sequence
from concurrent import futures
from concurrent.futures import CancelledError, Future
from concurrent.futures import TimeoutError as FutureTimeout
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.context import ForkServerContext
from pathlib import Path

from pebble import ProcessExpired, ProcessPool

from cineforge.model.errors import ModuleFailed
from cineforge.running.workers.processes.server_start import (
    error_text,
    hangup_blocked,
    start_server,
)
from cineforge.running.workers.processes.worker_start import prepare_worker
from cineforge.running.workers.report_data import NoReport, parse_report, receive_data_only
from cineforge.running.workers.spec import JobReport, JobSpec
from cineforge.running.workers.worker import call_module, call_modules
from cineforge.store.disk.durable import TOO_MANY_FILES, lacks_descriptors

#: So often a pool is asked whether it still knows of its task.
_LOOK_SECONDS = 1.0
STOPPED = "stopped with the run"


class WorkerInterrupted(ModuleFailed):
    """A person stopped the run while the module was at work."""


class TimedOut(ModuleFailed):
    """The module was given so many seconds, and no more."""


class NeverStarted(Exception):
    """The worker was gone before it took its task."""


class Worker:
    """One worker process, and all that its modules start.

    A pool of one: a pool of many starts them all at once, needed or not.
    """

    def __init__(self, context: ForkServerContext) -> None:
        self._pids, pids = context.Pipe(duplex=False)
        self._pool = ProcessPool(1, initializer=prepare_worker, initargs=(pids,), context=context)
        receive_data_only(self._pool)
        self._future: Future[bytes] | None = None

    def call(self, spec: JobSpec, timeout: float | None) -> JobReport:
        """Run one module. Raises NeverStarted, ModuleFailed."""
        return parse_report(self._done(call_module, (spec,), timeout), spec)

    def call_each(self, specs: Sequence[JobSpec], reports: Path, go_on: bool) -> str:
        """Run several. Returns why no more of them could report. Raises NeverStarted, ModuleFailed."""
        answer = self._done(call_modules, (tuple(specs), reports, go_on), None)
        return answer.decode("utf-8", "replace")

    def _done(
        self, work: Callable[..., bytes], args: tuple[object, ...], timeout: float | None
    ) -> bytes:
        """What a worker's function returns. Raises NeverStarted, ModuleFailed."""
        try:
            with hangup_blocked():
                start_server()
                self._future = self._pool.schedule(work, args=args, timeout=timeout)
            return self._result(self._future)
        except FutureTimeout:
            raise TimedOut(f"ran longer than its timeout of {timeout:g} seconds") from None
        except ProcessExpired as error:
            if error.exitcode == -signal.SIGINT:
                raise WorkerInterrupted(STOPPED) from None
            raise ModuleFailed(_death(error.exitcode)) from None
        except CancelledError:
            raise WorkerInterrupted(STOPPED) from None
        except NoReport as error:
            raise ModuleFailed(f"its worker sent no report, but something else: {error}") from None
        except (ModuleFailed, NeverStarted):
            raise
        except (BrokenProcessPool, RuntimeError):
            # Pebble's words for a worker that died while it had no task.
            raise NeverStarted from None
        except Exception as error:
            why = error_text(error) if isinstance(error, OSError) else str(error)
            raise ModuleFailed(f"its result could not be handed over: {why}") from error

    def _result(self, future: Future[bytes]) -> bytes:
        """What a task comes to. Raises what the pool says of it, and NeverStarted when it has forgotten the task.

        It does when its idle worker is found dead in the very moment in which it takes a task on, and when one of its
        threads has met what it did not expect, such as that there can be no more processes.
        """
        was_lost = False
        while not futures.wait([future], _LOOK_SECONDS).done:
            is_lost = not future.running() and not self._is_sound()
            if was_lost and is_lost:
                raise NeverStarted
            was_lost = is_lost
        return future.result()

    def _is_sound(self) -> bool:
        return bool(self._pool.active) and all(loop.is_alive() for loop in self._pool._loops)

    def ask_to_stop(self) -> None:
        self._pool.stop()  # type: ignore[no-untyped-call]

    def end(self) -> None:
        """Wait until the process is gone, and end what its modules had started."""
        self._pool.join()
        if self._future is not None:
            self._future.cancel()  # a pool that is stopped may leave its caller waiting
        with contextlib.suppress(EOFError):  # of all workers that there were
            while self._pids.poll():
                pid = int(self._pids.recv_bytes())
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(pid, signal.SIGKILL)


def never_started() -> str:
    """Why no worker takes a task."""
    why = TOO_MANY_FILES if lacks_descriptors() else "is there memory left?"
    return f"worker processes die as soon as they start: {why}"


def _death(exitcode: int | None) -> str:
    """What is said of a worker that died. One that could not open what it needs cannot say so itself."""
    died = f"the worker process died ({_how(exitcode)})"
    may_be_limit = exitcode is not None and exitcode > 0 and lacks_descriptors()
    return f"{died}: {TOO_MANY_FILES}" if may_be_limit else died


def _how(exitcode: int | None) -> str:
    if exitcode == -signal.SIGKILL:
        return "killed by signal 9, as the system does when memory runs out"
    if exitcode is not None and exitcode < 0:
        return f"killed by signal {-exitcode}"
    return f"exit status {exitcode}"
