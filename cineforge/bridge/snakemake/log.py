"""What a run says through Snakemake's own log, so that `--quiet` and loggers of all kinds treat it as they should."""

from __future__ import annotations

import logging

from snakemake.logging import DefaultFormatter, logger

from cineforge.model.visible import visible

#: Marks a record as said by CineForge, so that a view can tell it from Snakemake's own chatter.
OURS = "cineforge"


def say(text: str) -> None:
    """Say something that a person wants to know."""
    logger.info(text, extra={OURS: True})


def say_error(text: str) -> None:
    """Say what went wrong."""
    logger.error(text)


def show_controls() -> None:
    """Have all that Snakemake prints (modules' errors, reasons, targets, logs) show controls, not send them."""
    written = DefaultFormatter.format
    if getattr(written, "shows_controls", False):
        return

    def shown(self: DefaultFormatter, record: logging.LogRecord) -> str:
        return visible(written(self, record))

    shown.shows_controls = True  # type: ignore[attr-defined]
    DefaultFormatter.format = shown
