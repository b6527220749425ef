"""Standard streams that were closed before a process began (`>&-`): they lead nowhere instead.

Left closed, Python has None in the place of each, and the next file that is opened, an artifact or the index, gets
the number that whatever prints will write to.
"""

from __future__ import annotations

import os
import sys

_NAMES = ("stdin", "stdout", "stderr")


def open_closed_streams() -> None:
    """Have each of the three be something. What is open stays as it is; reading from a closed one is an error."""
    for number, name in enumerate(_NAMES):
        if getattr(sys, name) is None:
            descriptor = _at_least(number)
            if number:
                stream = open(descriptor, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
                setattr(sys, name, stream)
                setattr(sys, f"__{name}__", stream)


def _at_least(number: int) -> int:
    """A descriptor that leads nowhere: the number itself, unless a file was opened since and has got it."""
    nowhere = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
    try:
        os.fstat(number)
    except OSError:
        os.dup2(nowhere, number)
        os.close(nowhere)
        return number
    if nowhere == number:
        os.set_inheritable(number, True)
    return nowhere
