"""How a worker process begins: a group of its own, that ends with the run, whatever its module does."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from multiprocessing import connection, forkserver
from multiprocessing.connection import Connection
from typing import Any, NoReturn

from cineforge.running.workers.processes.process_state import note_beginning

#: The exit status of a worker whose module called `os._exit(0)`.
ENDED_BY_MODULE = 70


def prepare_worker(pids: Connection) -> None:
    """Set up a fresh worker, and send its pid: it leads a group with all that its module starts.

    In a session of its own, a terminal's Ctrl-C does not reach it: the run ends its workers.
    """
    os.setsid()
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGHUP, signal.SIGINT, signal.SIGTERM})
    with pids:
        pids.send_bytes(str(os.getpid()).encode())
    _let_server_go()
    run = multiprocessing.parent_process()
    assert run is not None, "a worker is always started by a run"

    def watch() -> None:
        # A killed run cannot stop its workers; a module call may last hours and cost money.
        connection.wait([run.sentinel])
        os.killpg(0, signal.SIGKILL)

    threading.Thread(target=watch, daemon=True).start()
    os._exit = _failing_exit(os._exit, os.getpid())  # type: ignore[assignment]
    note_beginning()


def _let_server_go() -> None:
    """The server that forks workers ends with its run, and with it what modules left: we, or they, must not keep it."""
    server: Any = forkserver._forkserver
    if server._forkserver_alive_fd is not None:
        os.close(server._forkserver_alive_fd)
        server._forkserver_alive_fd = None


def _failing_exit(end: Callable[[int], NoReturn], worker: int) -> Callable[[int], NoReturn]:
    """`os._exit` that never ends this worker with status 0: the pool takes that for no end at all, and waits."""

    def failing(status: int) -> NoReturn:
        end(status or ENDED_BY_MODULE if os.getpid() == worker else status)

    return failing
