"""What is to end a command (SIGTERM, a closed terminal) ends it as Ctrl-C does: what it holds is let go."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

from cineforge.bridge.process.bad_moments import comes_again, send_again
from cineforge.model.errors import CineForgeError

if TYPE_CHECKING:
    from sys import UnraisableHookArgs


class Ended(KeyboardInterrupt):
    """The process was asked to end by a signal."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Within it such a signal raises `Ended` in the main thread; a second one ends the process at once.

    Also where C code takes that for an error of its own, or a finalizer swallows it: then it comes again.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    usual = {
        number: action
        for number, action in (
            (signal.SIGINT, signal.default_int_handler),
            (signal.SIGTERM, signal.SIG_DFL),
            (signal.SIGHUP, signal.SIG_DFL),
        )
        if signal.getsignal(number) is action  # not under `nohup`, say
    }
    came: list[int] = []

    def end(number: int, frame: FrameType | None) -> None:
        if comes_again(number, frame):
            return
        if number != signal.SIGINT:
            signal.signal(number, signal.SIG_DFL)
        came.append(number)
        raise Ended(number)

    def swallowed(trouble: UnraisableHookArgs) -> None:
        if not issubclass(trouble.exc_type, KeyboardInterrupt) or not came:
            before(trouble)
            return
        signal.signal(came[-1], end)
        send_again(came[-1])

    before, sys.unraisablehook = sys.unraisablehook, swallowed
    for number in usual:
        signal.signal(number, end)
    try:
        yield
    except (CineForgeError, OSError):
        raise
    except Exception as error:
        if came:
            raise Ended(came[-1]) from error
        raise
    finally:
        sys.unraisablehook = before
        for number, action in usual.items():
            if signal.getsignal(number) is end:
                signal.signal(number, action)
