"""What goes wrong when a command ends is told like anything else."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from cineforge.bridge.guard import in_good_order
from cineforge.store.durable import CannotWrite


def test_an_end_that_meets_a_full_disk_is_one_message(caplog: pytest.LogCaptureFixture) -> None:
    def end() -> None:
        raise CannotWrite.because(Path("film"), "", full=True)

    def end_otherwise() -> None:
        raise OSError("no space left")

    logging.getLogger("snakemake").propagate = True
    in_good_order(end)()
    in_good_order(end_otherwise)()
    assert [each.message for each in caplog.records] == [
        "the disk that holds film is full: make room, then do it again",
        "the run's record could not be completed (no space left): the next run does that",
    ]
