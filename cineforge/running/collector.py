"""Has Python's collector of garbage look less often: a run makes very many objects that stay."""

from __future__ import annotations

import gc

#: Objects that came since the last look at the youngest, and looks at those until the next at older ones. By Python's
#: own numbers a fifth of a run's time went into looking at what was never garbage; so it holds some MB more.
_THRESHOLDS = (100_000, 20, 50)
_PYTHONS_OWN = gc.get_threshold()


def spare_collector() -> None:
    """Once all is imported: none of that is looked at again, and what comes from now on seldom."""
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)


def let_collector_be() -> None:
    """In a fork: what is there stays, and shared with the run; what comes is looked at as often as Python would."""
    gc.freeze()
    gc.set_threshold(*_PYTHONS_OWN)
