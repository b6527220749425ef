"""The server that forks workers, forked from this process itself: what both need is loaded and held once.

multiprocessing starts its server, and the process that watches over semaphores, as new interpreters, which import
everything again. As long as this process has one thread alone, a fork of it can do as well: nobody holds a lock.
What was open here is closed there, and what was set up for this process alone is undone, before multiprocessing's
own words for the server run.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import logging
import os
import signal
import sys
import traceback
import warnings
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from multiprocessing import forkserver, util
from pathlib import Path
from typing import Any

from cineforge.model.errors import ModuleFailed
from cineforge.running.collector import let_collector_be
from cineforge.running.workers.processes.orphans import end_orphans
from cineforge.running.workers.processes.server_start import (
    COMPLAINT,
    hangup_blocked,
    server_context,
    start_server,
    wait_for_end,
)

_PR_SET_NAME = 15
#: What `ps` calls it; who ends all that is called as the run is (`pkill`) does not mean it.
_NAME = b"cineforge-jobs"
STANDARD = (0, 1, 2)
#: Parts of the run that must not end in the fork: a file that ends closes whatever has its number by then.
_kept: list[object] = []


def fork_server_now() -> None:
    """Start the server by a fork of this process, if it is safe; else it is started anew at the first call.

    To be called before anything is locked or opened that others wait for.
    """
    if is_alone():
        server_context()
        with suppress(ModuleFailed), _forking_instead(), hangup_blocked():
            start_server()


def end_server() -> None:
    """Have it end, once no worker is left: as this process ends itself, each page that both share would become two."""
    server: Any = forkserver._forkserver
    if server._forkserver_pid is None:
        return
    os.close(server._forkserver_alive_fd)
    wait_for_end(server._forkserver_pid)
    # What is started next is another one.
    server._forkserver_alive_fd = server._forkserver_pid = server._forkserver_address = None


def is_alone() -> bool:
    """Whether this process has one thread, of whatever kind. Only Linux tells."""
    try:
        return sys.platform == "linux" and len(os.listdir("/proc/self/task")) == 1  # noqa: PTH208
    except OSError:
        return False


@contextlib.contextmanager
def _forking_instead() -> Iterator[None]:
    """Let multiprocessing fork where it would start another interpreter."""
    own = util.spawnv_passfds
    util.spawnv_passfds = _forked  # type: ignore[assignment]
    try:
        yield
    finally:
        util.spawnv_passfds = own


def _forked(_path: object, args: Sequence[str], descriptors: Collection[int]) -> int:
    """The process that `python -c TEXT` would be; the text, multiprocessing's own, is the last of the arguments."""
    return fork(lambda: _leave_the_run(descriptors), lambda: _served(args[-1]))


def fork(leave: Callable[[], None], program: Callable[[], int]) -> int:
    """The process of a fork that runs a program and ends with the status that it returns.

    It begins with `leave`, which undoes what this process has set up for itself, its handlers of signals too.
    """
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    # Between the fork and their reset, this process's own handlers must not run in the fork.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    try:
        pid = os.fork()
        if pid:
            return pid
        status = 1
        try:
            leave()
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            status = program()
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _served(text: str) -> int:
    """Run what `python -c` would be told; the exit status."""
    try:
        exec(text, {"__name__": "__main__"})
    except SystemExit:
        pass  # so ends a server that nobody needs any more
    finally:
        end_orphans()
    return 0


def _leave_the_run(descriptors: Collection[int]) -> None:
    """Become what a new interpreter would be, but for what is loaded."""
    let_collector_be()
    ctypes.CDLL(None).prctl(_PR_SET_NAME, _NAME, 0, 0, 0)
    close_all_but({*STANDARD, *descriptors})
    forget_handlers()
    _forget_loggers()
    warnings.filterwarnings("ignore", COMPLAINT, UserWarning)
    _kept.append(asyncio.get_event_loop_policy())
    asyncio.set_event_loop_policy(None)


def forget_handlers() -> None:
    """Signals and errors do what they do in a new interpreter; what is ignored stays so, as the user wants it."""
    for number in signal.valid_signals():
        if callable(signal.getsignal(number)):
            usual = signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL
            signal.signal(number, usual)
    signal.set_wakeup_fd(-1)
    sys.excepthook, sys.unraisablehook = sys.__excepthook__, sys.__unraisablehook__


def close_all_but(wanted: set[int]) -> None:
    """Let go of what is open; the numbers lead nowhere, so that what still has one closes nothing else."""
    nowhere = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
    for entry in Path("/proc/self/fd").iterdir():
        number = int(entry.name)
        if number not in wanted and number != nowhere:
            with suppress(OSError):  # the listing's own is closed by now
                os.fstat(number)
                os.dup2(nowhere, number, inheritable=False)


def _forget_loggers() -> None:
    """What modules log goes into their jobs' files, not to where the run's goes."""
    logging.raiseExceptions = True
    known = logging.Logger.manager.loggerDict.values()
    for logger in (logging.getLogger(), *known):
        if isinstance(logger, logging.Logger):
            _kept.extend(logger.handlers)
            logger.handlers = []
