"""What a run says through Snakemake's own log, so that `--quiet` and loggers of all kinds treat it as they should."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterable
from typing import Any

from snakemake import exceptions
from snakemake.logging import DefaultFormatter, logger

from cineforge.model.display.visible import visible
from cineforge.model.secrets import without_secrets

#: Marks a record as said by CineForge, so that a view can tell it from Snakemake's own chatter.
OURS = "cineforge"

#: What no line may hold.
_hidden: set[str] = set()


def hide(secrets: Iterable[str]) -> None:
    """Have these left out of all that Snakemake prints; it writes that into a log as well."""
    _hidden.update(each for each in secrets if len(each) > 3)


def say(text: str) -> None:
    """Say something that a person wants to know: when Snakemake's log has ended, on the standard error."""
    if logger.handlers:
        logger.info(text, extra={OURS: True})
    else:
        print(visible(without_secrets(text, _hidden)), file=sys.stderr, flush=True)


def say_error(text: str) -> None:
    """Say what went wrong."""
    logger.error(text)


def show_controls() -> None:
    """Have all that Snakemake prints (modules' errors, reasons, targets, logs) show controls, not send them."""
    written = DefaultFormatter.format
    if getattr(written, "shows_controls", False):
        return

    def shown(self: DefaultFormatter, record: logging.LogRecord) -> str:
        text = written(self, record)
        if any(secret in text for secret in _hidden):
            text = without_secrets(text, _hidden)
        return visible(text)

    shown.shows_controls = True  # type: ignore[attr-defined]
    DefaultFormatter.format = shown


def is_snakemakes_own(error: Exception) -> bool:
    """Whether Snakemake has raised it to tell a person of something."""
    return isinstance(error, exceptions.WorkflowError)


def explain_errors(explain: Callable[[Exception], str | None]) -> None:
    """Have Snakemake print what `explain` says of an error in place of its traceback; None leaves it as it is."""
    written = exceptions.format_exception_to_string
    if getattr(written, "explains", False):
        return

    def explained(ex: Exception, linemaps: Any = None) -> str:
        return explain(ex) or written(ex, linemaps)

    explained.explains = True  # type: ignore[attr-defined]
    exceptions.format_exception_to_string = explained
