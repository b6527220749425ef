"""How much an instance reads: that tells what some modules cost."""

from __future__ import annotations

from cineforge.deciding.instance import Instance
from cineforge.deciding.planner import Planner
from cineforge.model.errors import DecisionFailed


def size_read(planner: Planner, instance: Instance) -> float | None:
    """The bytes of the payloads that an instance would read; None while they are not all known."""
    try:
        reads = planner.reads(instance)
    except DecisionFailed:  # told where it is decided
        return None
    if reads.pending:
        return None
    found = 0
    for states in reads.inputs.values():
        for state in states:
            size = None if state.ref is None else planner.world.payload_size(state.ref)
            if size is None:
                return None
            found += size
    return found or None
