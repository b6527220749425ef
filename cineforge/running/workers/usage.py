"""What a module call takes of the machine, measured inside its worker."""

from __future__ import annotations

import contextlib
import resource
import time
from collections.abc import Iterator
from pathlib import Path

from cineforge.model.records.call_usage import Usage


class Meter:
    """Holds the measurement once the metered block has ended."""

    usage: Usage | None = None


@contextlib.contextmanager
def metered(wanted: bool) -> Iterator[Meter]:
    """Measure a block, children included; does nothing when it is not wanted."""
    meter = Meter()
    if not wanted:
        yield meter
        return
    _reset_peak()
    wall, cpu = time.perf_counter(), _cpu_seconds()
    try:
        yield meter
    finally:
        meter.usage = Usage(
            wall_seconds=round(time.perf_counter() - wall, 6),
            cpu_seconds=round(_cpu_seconds() - cpu, 6),
            peak_memory_bytes=_peak_bytes(),
        )


def _cpu_seconds() -> float:
    spent = 0.0
    for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN):
        used = resource.getrusage(who)
        spent += used.ru_utime + used.ru_stime
    return spent


def _reset_peak() -> None:
    # A warm worker has earlier jobs behind it. Linux forgets the peak when 5 is written here (man 5 proc).
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def _peak_bytes() -> int:
    with contextlib.suppress(OSError, StopIteration):
        lines = Path("/proc/self/status").read_text().splitlines()
        peak = next(line for line in lines if line.startswith("VmHWM:"))
        return int(peak.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
