"""Warm worker processes for module code, kept by pebble: a worker that dies takes only its own job with it."""

from __future__ import annotations

import atexit
import contextlib
import errno
import functools
import multiprocessing
import os
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent import futures
from concurrent.futures import CancelledError, Future
from concurrent.futures import TimeoutError as FutureTimeout
from concurrent.futures.process import BrokenProcessPool
from importlib.machinery import ModuleSpec
from multiprocessing import forkserver, resource_tracker, util
from multiprocessing.context import ForkServerContext
from pathlib import Path

from pebble import ProcessExpired, ProcessPool

from cineforge.model.errors import ModuleFailed
from cineforge.running.workers.report_data import NoReport, parse_report, receive_data_only
from cineforge.running.workers.spec import JobReport, JobSpec
from cineforge.running.workers.worker import call_module, call_modules, prepare_worker
from cineforge.store.disk.durable import TOO_MANY_FILES, lacks_descriptors
from cineforge.store.disk.safe_files import read_regular
from cineforge.store.disk.temporary import SHORT, TemporaryFolder

#: So often a pool is asked whether it still knows of its task.
_LOOK_SECONDS = 1.0
#: A worker may die before it has taken its task: so often another one is tried.
TRIES = 3
#: A temporary folder with a longer name has no room for a socket's: 108 bytes in all on Linux, 104 elsewhere.
_LONGEST_FOLDER = 44
STOPPED = "stopped with the run"


class WorkerInterrupted(ModuleFailed):
    """A person stopped the run while the module was at work."""


class _NeverStarted(Exception):
    """The worker was gone before it took its task."""


def _no_check(_report: JobReport) -> None:
    """What is called instead when there is nothing to check."""


#: How one of several calls ended: with a report, be it of a failure, or without.
Ended = JobReport | ModuleFailed


class WorkerPool:
    """As many workers as there are calls at once. Safe to call from many threads; each call blocks its own."""

    def __init__(self) -> None:
        self._idle: list[_Worker] = []
        self._busy: set[_Worker] = set()
        self._stopped = False
        self._lock = threading.Lock()
        self._ending = threading.Lock()
        # Not fork: the run has threads. A fork server forks from a clean, warm process.
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["cineforge.running.workers.fork_server"])
        _keep_main_out_of_workers()
        atexit.register(self.stop)

    def call(
        self, spec: JobSpec, timeout: float | None, check: Callable[[JobReport], None] = _no_check
    ) -> JobReport:
        """Run one module. `timeout` is in seconds. Raises ModuleFailed when the worker dies or runs out of time.

        `check` is called with the report when the module has ended. If it raises ModuleFailed, the worker is given up:
        what the module has read, and may remember, is not to be used again.
        """
        for _ in range(TRIES):
            with contextlib.suppress(_NeverStarted):
                return self._try(spec, timeout, check)
        raise ModuleFailed(_never_started())

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
            with contextlib.suppress(_NeverStarted):
                return self._try_each(specs, reports, check, go_on)
        return [ModuleFailed(_never_started())]

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
        except (ModuleFailed, _NeverStarted):
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
        except (ModuleFailed, _NeverStarted):
            if self._stopped:
                raise WorkerInterrupted(STOPPED) from None
            raise
        finally:
            self._give_back(worker, is_sound)

    def _take(self) -> _Worker:
        with self._lock:
            if self._stopped:
                raise WorkerInterrupted(STOPPED)
            worker = self._idle.pop() if self._idle else _Worker(self._context)
            self._busy.add(worker)
            return worker

    def _give_back(self, worker: _Worker, is_sound: bool) -> None:
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


class _Worker:
    """One worker process, and all that its modules start.

    A pool of one: a pool of many starts them all at once, needed or not.
    """

    def __init__(self, context: ForkServerContext) -> None:
        self._pids, pids = context.Pipe(duplex=False)
        self._pool = ProcessPool(1, initializer=prepare_worker, initargs=(pids,), context=context)
        receive_data_only(self._pool)
        self._future: Future[bytes] | None = None

    def call(self, spec: JobSpec, timeout: float | None) -> JobReport:
        """Run one module. Raises _NeverStarted, ModuleFailed."""
        return parse_report(self._done(call_module, (spec,), timeout), spec)

    def call_each(self, specs: Sequence[JobSpec], reports: Path, go_on: bool) -> str:
        """Run several. Returns why no more of them could report. Raises _NeverStarted, ModuleFailed."""
        told = self._done(call_modules, (tuple(specs), reports, go_on), None)
        return told.decode("utf-8", "replace")

    def _done(
        self, work: Callable[..., bytes], args: tuple[object, ...], timeout: float | None
    ) -> bytes:
        """What a worker's function returns. Raises _NeverStarted, ModuleFailed."""
        try:
            with _hangup_blocked():
                _start_server()
                self._future = self._pool.schedule(work, args=args, timeout=timeout)
            return self._result(self._future)
        except FutureTimeout:
            raise ModuleFailed(f"ran longer than its timeout of {timeout:g} seconds") from None
        except ProcessExpired as error:
            if error.exitcode == -signal.SIGINT:
                raise WorkerInterrupted(STOPPED) from None
            raise ModuleFailed(_death(error.exitcode)) from None
        except CancelledError:
            raise WorkerInterrupted(STOPPED) from None
        except NoReport as error:
            raise ModuleFailed(f"its worker sent no report, but something else: {error}") from None
        except (ModuleFailed, _NeverStarted):
            raise
        except (BrokenProcessPool, RuntimeError):
            # Pebble's words for a worker that died while it had no task.
            raise _NeverStarted from None
        except Exception as error:
            why = _told(error) if isinstance(error, OSError) else str(error)
            raise ModuleFailed(f"its result could not be handed over: {why}") from error

    def _result(self, future: Future[bytes]) -> bytes:
        """What a task comes to. Raises what the pool says of it, and _NeverStarted when it has forgotten the task.

        It does when its idle worker is found dead in the very moment in which it takes a task on, and when one of its
        threads has met what it did not expect, such as that there can be no more processes.
        """
        was_lost = False
        while not futures.wait([future], _LOOK_SECONDS).done:
            is_lost = not future.running() and not self._is_sound()
            if was_lost and is_lost:
                raise _NeverStarted
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


@contextlib.contextmanager
def _hangup_blocked() -> Iterator[None]:
    """What is started meanwhile hears nothing of a closed terminal, of Ctrl-C, or of an end to all its group.

    The fork server must outlive its workers, and multiprocessing shields it from Ctrl-C only when it has loaded all.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})
    try:
        resource_tracker.ensure_running()  # the server starts it first, which lets both in again
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _start_server() -> None:
    """Start the server that forks workers, unless it is there. Raises ModuleFailed, telling why it cannot be.

    The pool would start it in a thread of its own, of which nobody would learn.
    """
    try:
        with _short_folder():
            forkserver.ensure_running()
    except OSError as error:
        raise ModuleFailed(f"worker processes cannot be started: {_told(error)}") from error


@contextlib.contextmanager
def _short_folder() -> Iterator[None]:
    """Have the socket of the server made where its path is short enough: the system allows some hundred bytes."""
    own = tempfile.tempdir
    tempfile.tempdir = str(_sockets_folder())
    try:
        yield
    finally:
        tempfile.tempdir = own


@functools.cache
def _sockets_folder() -> Path:
    """A folder of ours, so that the next command can sweep what multiprocessing leaves there when the run is killed."""
    parent = Path(tempfile.gettempdir())
    if len(os.fsencode(parent)) > _LONGEST_FOLDER and os.access(SHORT, os.W_OK):
        parent = SHORT
    folder = TemporaryFolder("workers", parent=parent, at_exit=False)
    # After multiprocessing has removed what it has there (-100), which must be there.
    util.Finalize(None, folder.remove, exitpriority=-101)
    return folder.path


def _keep_main_out_of_workers() -> None:
    """Let workers start without the script that was typed.

    multiprocessing has each child import it, for functions it may define: here that is all of Snakemake, a
    second of CPU a worker. What is run as `python -m package` is left out, so the script goes by such a name.
    """
    main = sys.modules["__main__"]
    if main.__spec__ is None:
        main.__spec__ = ModuleSpec(f"{__package__}.__main__", None)


def _died(worker: _Worker, specs: Sequence[JobSpec], reports: Path, go_on: bool) -> str:
    """Have a worker make calls; why it ended while it was at one. Raises _NeverStarted, WorkerInterrupted."""
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


def _never_started() -> str:
    why = TOO_MANY_FILES if lacks_descriptors() else "is there memory left?"
    return f"worker processes die as soon as they start: {why}"


def _told(error: OSError) -> str:
    return TOO_MANY_FILES if error.errno == errno.EMFILE else str(error)


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
