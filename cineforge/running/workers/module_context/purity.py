"""What a module that says `pure: true` may not do, as far as its own process can notice it.

A program that the module starts is not watched. Whether a call is deterministic, a second one shows.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator

from cineforge.model.errors import ModuleFailed

#: Audit events of Python's own by which a process reaches others: of these the last argument is an address,
_TO_AN_ADDRESS = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
#: and of these it is none.
_OF_A_NAME = frozenset({"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"})


class _Guard:
    """Python keeps an audit hook for the life of the process: it is added once, and looks whether it is needed."""

    def __init__(self) -> None:
        self._is_on = False
        self._is_added = False
        self._refused = ""

    def start(self) -> None:
        if not self._is_added:
            sys.addaudithook(self._hear)
            self._is_added = True
        self._is_on, self._refused = True, ""

    def stop(self) -> None:
        self._is_on = False

    def refuse(self, what: str) -> None:
        if self._is_on:
            self._refused = self._refused or what
            raise not_pure(what)

    def require_pure(self) -> None:
        """The module may have caught the error, and gone on otherwise than it would have."""
        if self._refused:
            raise not_pure(self._refused)

    def _hear(self, event: str, arguments: tuple[object, ...]) -> None:
        if self._is_on and (
            event in _OF_A_NAME
            # An address that is a path is a socket of the file system.
            or (event in _TO_AN_ADDRESS and not isinstance(arguments[-1], str | bytes))
        ):
            self.refuse("it reaches for the network")


_GUARD = _Guard()


@contextlib.contextmanager
def kept_pure(pure: bool) -> Iterator[None]:
    """For the time of a pure module's call, `refuse` raises, also when the module reaches for the network.

    Raises ModuleFailed at the end of a call in which that happened and the module went on.
    """
    if not pure:
        yield
        return
    _GUARD.start()
    try:
        yield
        _GUARD.require_pure()
    finally:
        _GUARD.stop()


def refuse(what: str) -> None:
    """Raise ModuleFailed if a pure module is at work in this process: `what` is what it did."""
    _GUARD.refuse(what)


def not_pure(what: str) -> ModuleFailed:
    """The error of a module that does what none may that is `pure: true`."""
    return ModuleFailed(
        f"its module.yaml says 'pure: true', but {what}: take that line out, or fix the module"
    )
