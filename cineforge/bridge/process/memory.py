"""What the process asks of the C library's memory, so that a run does not keep what it is done with."""

from __future__ import annotations

import ctypes
from contextlib import suppress

#: As <malloc.h> has it.
_ARENA_MAX = -8
_MMAP_THRESHOLD = -3
_LARGE = 256 << 10


def spare_memory() -> None:
    """Have what is freed given back, or used again. To be called before there are threads; also forks go by it.

    Left to itself, the GNU C library stops giving large pieces back, up to 32 MB, once it has freed one: at 100,000
    members that is 50 MB. And it gives threads pools of their own, up to eight for each core, of which none takes what
    another has freed: at 5,000 instances that is 20 MB. As Python lets one thread run at a time, they would hardly
    wait for each other. No other C library is asked.
    """
    with suppress(AttributeError, OSError):
        library = ctypes.CDLL(None)
        library.mallopt(_MMAP_THRESHOLD, _LARGE)
        library.mallopt(_ARENA_MAX, 1)
