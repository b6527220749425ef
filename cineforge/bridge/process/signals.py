"""Signals: a run that is stopped completes its record, and Python prints no traceback.

Ctrl-C, and a terminal that is closed, stop the workers at once; whatever was published stays, as after kill -9.
Typed twice more, Ctrl-C ends the process on the spot. SIGTERM is Snakemake's own: jobs at work are finished, no new
ones are started; a second one counts as Ctrl-C.
"""

from __future__ import annotations

import _imp
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import CodeType, FrameType, TracebackType
from typing import TYPE_CHECKING

from cineforge.bridge.process.bad_moments import comes_again, send_again
from cineforge.running.workers.processes.standard_streams import open_closed_streams

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

#: What ends the work of a session at once; called in a thread of its own.
_stoppers: list[Callable[[], None]] = []
#: So many more Ctrl-C end the process on the spot while a run is completing its record.
PATIENCE = 2
_SHOW_CURSOR = b"\x1b[?25h"
_INTERRUPTED = 128 + signal.SIGINT


class _State:
    is_stopping = False
    more_interrupts = 0
    was_asked_to_finish = False
    #: A finalizer swallowed the interrupt: the next one is the same.
    was_swallowed = False
    #: What the main thread runs until all is done; what Python calls after it, at exit, stands on its own.
    program: CodeType | None = None


def install_signal_handlers() -> None:
    """Take over from Python's and the system's defaults; what the user chose (`nohup`) stays. Again does nothing.

    Raises KeyboardInterrupt for one that came before, and was lost.
    """
    # A line of a log that cannot be written (the disk is full) is no news beside the message that tells why.
    logging.raiseExceptions = False
    open_closed_streams()
    if threading.current_thread() is not threading.main_thread():
        return
    _State.program = _outermost(sys._getframe())
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
            signal.signal(number, _stop)
    if sys.excepthook is sys.__excepthook__:
        sys.excepthook = _without_traceback
    if sys.unraisablehook is sys.__unraisablehook__:
        sys.unraisablehook = _interrupt_again
    if _has_lost_an_interrupt():
        raise KeyboardInterrupt


@contextmanager
def interrupts_held_back() -> Iterator[None]:
    """Let a Ctrl-C wait: while classes are built C code would take it for an error of its own."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def note_end() -> None:
    """All is done, and what is called at exit begins, in a process that does without Python's own end."""
    _State.program = None


def on_stop(stop: Callable[[], None]) -> None:
    """Have `stop` called when the run is to end at once."""
    _stoppers.append(stop)


def is_interrupted() -> bool:
    """Whether the main thread, which asks, was told to end at once: what it meets from then on may come of that."""
    return _State.is_stopping and threading.current_thread() is threading.main_thread()


def is_asked_to_finish() -> bool:
    """Whether SIGTERM has asked the run to finish the jobs at work and to begin no others."""
    return _State.was_asked_to_finish


def handle_sigterm_in_thread() -> None:
    """Have Snakemake's handler run in a thread: it takes a lock that the main thread may hold just then.

    The scheduler installs it after the first questions are asked, so this is called with the later ones.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    graceful = signal.getsignal(signal.SIGTERM)
    if graceful in (_stop, signal.SIG_IGN) or getattr(graceful, "runs_in_thread", False):
        return

    def finish(number: int, frame: FrameType | None) -> None:
        if _State.was_asked_to_finish:
            _stop(number, frame)
        _State.was_asked_to_finish = True
        if callable(graceful):
            threading.Thread(target=graceful, args=(number, None), daemon=True).start()

    finish.runs_in_thread = True  # type: ignore[attr-defined]
    signal.signal(signal.SIGTERM, finish)


def _has_lost_an_interrupt() -> bool:
    """Whether one came as Python took the lock of its imports: this thread has had it since, and others wait for it."""
    is_lost = False
    while _imp.lock_held():
        try:
            _imp.release_lock()
        except RuntimeError:  # another thread's, who gives it back
            break
        is_lost = True
    return is_lost


def _stop(number: int, frame: FrameType | None) -> None:
    if comes_again(number, frame):
        return
    if _State.was_swallowed:
        _State.was_swallowed = False
        raise KeyboardInterrupt
    is_exiting = frame is None or _outermost(frame) is not _State.program
    if _State.is_stopping or is_exiting:
        _State.more_interrupts += number == signal.SIGINT
        if _State.more_interrupts >= PATIENCE:
            if sys.stderr.isatty():
                os.write(2, _SHOW_CURSOR)  # a live view may have hidden it
            os._exit(_INTERRUPTED)
        return
    _State.is_stopping = True
    for stop in _stoppers:
        threading.Thread(target=stop, daemon=True).start()
    raise KeyboardInterrupt


def _outermost(frame: FrameType) -> CodeType:
    while frame.f_back is not None:
        frame = frame.f_back
    return frame.f_code


def _interrupt_again(trouble: UnraisableHookArgs) -> None:
    """A finalizer has swallowed the interrupt, as it does every exception: send it to the main thread once more."""
    if not issubclass(trouble.exc_type, KeyboardInterrupt):
        sys.__unraisablehook__(trouble)
        return
    _State.was_swallowed = True
    send_again(signal.SIGINT)


def _without_traceback(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        print("stopped", file=sys.stderr)
    else:
        sys.__excepthook__(kind, error, trace)
