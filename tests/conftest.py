"""All tests: what hypothesis does, what the collector leaves alone, where files are kept (in memory if it can be)."""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# How fast the machine happens to be is no property of the code; and what fails prints what makes it fail again.
settings.register_profile(
    "any speed", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any speed")

MEMORY = Path("/dev/shm")
ENOUGH_BYTES = 2 << 30


@pytest.hookimpl(tryfirst=True)
def pytest_configure() -> None:
    # Whoever wants a disk under the tests says so: TMPDIR=/tmp make test
    if "TMPDIR" not in os.environ and _can_hold_the_tests(MEMORY):
        os.environ["TMPDIR"] = str(MEMORY)
        tempfile.tempdir = None  # where many workers are started, somebody has asked for it before


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    # Thousands of collected tests stay to the end: no collection of garbage need go over them each time.
    gc.freeze()


def _can_hold_the_tests(folder: Path) -> bool:
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        return False
    may_run_programs = not os.statvfs(folder).f_flag & os.ST_NOEXEC
    return may_run_programs and shutil.disk_usage(folder).free > ENOUGH_BYTES
