"""What a run says through Snakemake's own log, so that `--quiet` and loggers of all kinds treat it as they should."""

from __future__ import annotations

from snakemake.logging import logger

#: Marks a record as said by CineForge, so that a view can tell it from Snakemake's own chatter.
OURS = "cineforge"


def say(text: str) -> None:
    """Say something that a person wants to know."""
    logger.info(text, extra={OURS: True})


def say_error(text: str) -> None:
    """Say what went wrong."""
    logger.error(text)
