"""The logs of jobs: each a file of its own, and nothing that stays in the worker."""

from __future__ import annotations

import logging
from pathlib import Path

from cineforge.running.workers.job_log import Warnings, logging_to


def test_the_logger_of_a_job_is_forgotten_with_it_and_has_children(tmp_path: Path) -> None:
    """What `logging` knows by name it looks through for each one that comes: of thousands, all."""
    before = set(logging.Logger.manager.loggerDict)
    for number in range(3):
        with logging_to(tmp_path / f"{number}.log", f"stage/{number}", Warnings()) as log:
            log.getChild("part").info("said of %d", number)
    assert set(logging.Logger.manager.loggerDict) == before
    assert "said of 2" in (tmp_path / "2.log").read_text()
