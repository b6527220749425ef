"""How the server that forks workers is started: out of reach of signals and of long names, without the script typed."""

from __future__ import annotations

import contextlib
import errno
import functools
import multiprocessing
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from multiprocessing import forkserver, resource_tracker, util
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any

from cineforge.model.errors import ModuleFailed
from cineforge.store.disk.durable import TOO_MANY_FILES
from cineforge.store.disk.temporary import SHORT, TemporaryFolder

#: A temporary folder with a longer name has no room for a socket's: 108 bytes in all on Linux, 104 elsewhere.
_LONGEST_FOLDER = 44
#: What is told to end does so at once, unless a process that a module left does not.
_PATIENCE_SECONDS = 1.0
#: How the process that watches over semaphores begins what it says of those that a killed run left.
COMPLAINT = "resource_tracker"


def server_context() -> ForkServerContext:
    """Where workers come from. Not plain forks: the run has threads. The server forks from a clean, warm process."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([f"{__package__}.fork_server"])
    keep_main_out_of_workers()
    return context


@contextlib.contextmanager
def hangup_blocked() -> Iterator[None]:
    """What is started meanwhile hears nothing of a closed terminal, of Ctrl-C, or of an end to all its group.

    The fork server must outlive its workers, and multiprocessing shields it from Ctrl-C only when it has loaded all.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})
    try:
        with _without_complaints():
            resource_tracker.ensure_running()  # the server starts it first, which lets both in again
        _end_tracker_last()
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@functools.cache
def _end_tracker_last() -> None:
    """Have the process that watches over semaphores end before this one does.

    By itself it ends a moment later, and would still be in the project's folder when a command has ended.
    """
    # After the semaphores (0), which tell it that they are gone, and what else multiprocessing does at its end (-100).
    util.Finalize(None, _end_tracker, exitpriority=-102)


def _end_tracker() -> None:
    tracker: Any = resource_tracker._resource_tracker
    if tracker._fd is None:
        return
    os.close(tracker._fd)
    wait_for_end(tracker._pid)
    # Else whoever needs one again would write to what is closed.
    tracker._fd = tracker._pid = None


def wait_for_end(pid: int) -> None:
    """Wait for a process that was told to end, for a second at most."""
    until = time.monotonic() + _PATIENCE_SECONDS
    with contextlib.suppress(ChildProcessError):
        while not os.waitpid(pid, os.WNOHANG)[0] and time.monotonic() < until:
            time.sleep(0.001)


@contextlib.contextmanager
def _without_complaints() -> Iterator[None]:
    """What is started meanwhile keeps quiet about what a killed run had not put away: it does so in its stead."""
    sys.warnoptions.append(f"ignore:{COMPLAINT}:UserWarning")
    try:
        yield
    finally:
        sys.warnoptions.pop()


def start_server() -> None:
    """Start the server that forks workers, unless it is there. Raises ModuleFailed, telling why it cannot be.

    The pool would start it in a thread of its own, of which nobody would learn.
    """
    try:
        with _short_folder():
            forkserver.ensure_running()
    except OSError as error:
        raise ModuleFailed(f"worker processes cannot be started: {error_text(error)}") from error


def is_server_started() -> bool:
    """Whether this process has started the server, or what watches over its semaphores."""
    server: Any = forkserver._forkserver
    tracker: Any = resource_tracker._resource_tracker
    return server._forkserver_pid is not None or tracker._fd is not None


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


def keep_main_out_of_workers() -> None:
    """Let workers start without the script that was typed.

    multiprocessing has each child import it, for functions it may define: here that is all of Snakemake, a
    second of CPU a worker. What is run as `python -m package` is left out, so the script goes by such a name.
    """
    main = sys.modules["__main__"]
    if main.__spec__ is None:
        main.__spec__ = ModuleSpec(f"{__package__}.__main__", None)


def error_text(error: OSError) -> str:
    """What is said of an error of the system."""
    return TOO_MANY_FILES if error.errno == errno.EMFILE else str(error)
