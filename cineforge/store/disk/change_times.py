"""Times of changes as the system notes them (ctime), and for how long two of them may look the same."""

from __future__ import annotations

#: Some systems note times by the second or two: those of these are whole milliseconds.
_COARSE, _COARSE_TICK = 1_000_000, 2_100_000_000
#: All others note them at least so often.
FINE_TICK = 20_000_000


def tick(changed: int) -> int:
    """For how many nanoseconds after it what changed then may change again, and have the same time."""
    return _COARSE_TICK if changed % _COARSE == 0 else FINE_TICK
