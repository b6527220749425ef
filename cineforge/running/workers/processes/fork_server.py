"""What the server that forks workers loads before the first: what they need, and silence about those that are given up.

Imported in that process alone, by the name that `WorkerPool` gives to `set_forkserver_preload`.
"""

from __future__ import annotations

import gc
import pickle
import sys
import warnings
from types import TracebackType

import cineforge.running.workers.worker  # noqa: F401  # so that each worker begins with it
from cineforge.running.workers.processes.orphans import adopt_orphans
from cineforge.running.workers.processes.standard_streams import open_closed_streams

#: What a worker meets that is stopped while it starts: pipes that end, semaphores that are gone.
_GIVEN_UP = (EOFError, OSError, pickle.UnpicklingError)


def _tell(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """A pool starts another worker in place of one that died, and may be stopped just then."""
    if not isinstance(error, _GIVEN_UP):
        sys.__excepthook__(kind, error, trace)


# What is there by now stays: pages that no collection of garbage writes to are shared by all workers.
gc.freeze()
open_closed_streams()
sys.excepthook = _tell
adopt_orphans()
# multiprocessing's server wonders at the end of a child that it has not forked.
warnings.filterwarnings("ignore", "forkserver: waitpid returned unexpected pid")
