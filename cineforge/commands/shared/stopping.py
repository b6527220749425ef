"""What is to end a command (SIGTERM, a closed terminal) ends it as Ctrl-C does: what it holds is let go."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from cineforge.model.errors import CineForgeError


class Ended(KeyboardInterrupt):
    """The process was asked to end by a signal."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Within it such a signal raises `Ended` in the main thread; a second one ends the process at once.

    Also where C code takes that for an error of its own, as Pydantic does while it builds a class.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = [
        number
        for number in (signal.SIGTERM, signal.SIGHUP)
        if signal.getsignal(number) is signal.SIG_DFL  # not under `nohup`, say
    ]

    came: list[int] = []

    def end(number: int, _frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL)
        came.append(number)
        raise Ended(number)

    def interrupt(number: int, _frame: FrameType | None) -> None:
        came.append(number)
        raise KeyboardInterrupt

    is_pythons_own = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if is_pythons_own:
        signal.signal(signal.SIGINT, interrupt)
    for number in numbers:
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
        if is_pythons_own and signal.getsignal(signal.SIGINT) is interrupt:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        for number in numbers:
            if signal.getsignal(number) is end:
                signal.signal(number, signal.SIG_DFL)
