"""Who waits for another's lock says so, once, and gets it then."""

from __future__ import annotations

import fcntl
import logging
import os
import threading
from pathlib import Path

import pytest

from cineforge.store.locking import file_lock


def test_a_wait_that_lasts_is_told_and_ends_with_the_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_lock, "_SILENT_SECONDS", 0.05)
    path = tmp_path / "lock"
    path.touch()
    holder = os.open(path, os.O_RDWR)
    fcntl.flock(holder, fcntl.LOCK_EX)
    told: list[str] = []

    class Releasing(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            # Only who has been told lets go: so the wait cannot end unsaid.
            told.append(record.getMessage())
            threading.Timer(0.05, os.close, [holder]).start()

    handler = Releasing()
    file_lock._log.addHandler(handler)
    try:
        waiter = os.open(path, os.O_RDWR)
        file_lock.lock(waiter, path)
        os.close(waiter)
    finally:
        file_lock._log.removeHandler(handler)
    assert len(told) == 1
    assert str(path) in told[0]


def test_a_lock_that_is_free_is_taken_without_a_word(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "lock"
    path.touch()
    descriptor = os.open(path, os.O_RDWR)
    file_lock.lock(descriptor, path)
    os.close(descriptor)
    assert caplog.records == []
