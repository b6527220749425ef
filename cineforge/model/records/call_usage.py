"""What a module call took."""

from __future__ import annotations

from cineforge.model.refs import Strict


class Usage(Strict):
    """What one module call took: seconds on the clock, seconds of CPU, and the highest resident memory in bytes."""

    wall_seconds: float
    cpu_seconds: float
    peak_memory_bytes: int
