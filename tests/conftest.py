"""Where tests keep their files: in memory where that can be, as a disk makes them wait for every fsync."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

MEMORY = Path("/dev/shm")
ENOUGH_BYTES = 2 << 30


@pytest.hookimpl(tryfirst=True)
def pytest_configure() -> None:
    # Whoever wants a disk under the tests says so: TMPDIR=/tmp make test
    if "TMPDIR" not in os.environ and _can_hold_the_tests(MEMORY):
        os.environ["TMPDIR"] = str(MEMORY)


def _can_hold_the_tests(folder: Path) -> bool:
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        return False
    may_run_programs = not os.statvfs(folder).f_flag & os.ST_NOEXEC
    return may_run_programs and shutil.disk_usage(folder).free > ENOUGH_BYTES
