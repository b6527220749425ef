"""Forking a process that has stores open: never within a transaction, or the child finds its lock held for ever."""

from __future__ import annotations

import os
import threading
import weakref
from typing import Protocol


class Forkable(Protocol):
    """What has to do with the connections of a process."""

    def before_fork(self) -> None:
        """Wait for the transaction that is on, and begin none."""

    def after_fork(self) -> None:
        """Go on."""

    def after_fork_in_child(self) -> None:
        """In the child: what was open is the parent's."""


_live: weakref.WeakSet[Forkable] = weakref.WeakSet()
_held: list[Forkable] = []
_forking = threading.Lock()


def register(forkable: Forkable) -> None:
    """See to it at every fork from now on."""
    _live.add(forkable)


def _before() -> None:
    _forking.acquire()
    for forkable in list(_live):
        forkable.before_fork()
        _held.append(forkable)


def _after_in_parent() -> None:
    while _held:
        _held.pop().after_fork()
    _forking.release()


def _after_in_child() -> None:
    _held.clear()
    _forking.release()
    for forkable in _live:
        forkable.after_fork_in_child()


os.register_at_fork(
    before=_before, after_in_parent=_after_in_parent, after_in_child=_after_in_child
)
