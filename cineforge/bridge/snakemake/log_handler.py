"""Snakemake's logger plugin interface: what Snakemake alone knows goes to the view, its chatter nowhere."""

from __future__ import annotations

import logging
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent
from snakemake_interface_logger_plugins.settings import LogHandlerSettingsBase

from cineforge.bridge.snakemake.config_words import explain_wrong_words
from cineforge.bridge.snakemake.log import OURS

if TYPE_CHECKING:
    from cineforge.bridge.run_view import RunView
    from cineforge.model.records.run_events import Event

#: Snakemake's words for what the view has shown already, job by job.
SHOWN_ALREADY = (
    "At least one job did not complete successfully",
    "Exiting because a job execution failed",
)

# This file is the only one of ours that Snakemake loads before it reads its command line.
explain_wrong_words()


@dataclass
class LogHandlerSettings(LogHandlerSettingsBase):
    """There is nothing to set."""


class LogHandler(LogHandlerBase):
    """Shows a run: live on a terminal, a line for each job in a pipe."""

    view: RunView

    def __post_init__(self) -> None:
        # Not before it is wanted: Snakemake loads this file at every start, whatever it is to run.
        from cineforge.bridge.run_view import LiveView, PlainView
        from cineforge.history import recorder

        self.view = LiveView() if sys.stderr.isatty() else PlainView()
        self._waits = False
        recorder.observers += [self.view.on_event, self._note]

    def _note(self, event: Event) -> None:
        from cineforge.model.records.run_events import Decided

        if isinstance(event, Decided) and event.decision.gates:
            self._waits = True

    def emit(self, record: logging.LogRecord) -> None:
        """Pass on what CineForge says, and Snakemake's warnings and errors."""
        text = record.getMessage()
        if getattr(record, OURS, False):
            self.view.say(text)
        elif record.levelno >= logging.WARNING and not self._is_shown_already(record, text):
            self.view.complain(text)
        elif text.startswith("Nothing to be done"):
            rest = (
                "until somebody approves what was made"
                if self._waits
                else "everything is up to date"
            )
            self.view.say(f"Nothing to be done: {rest}.")

    def close(self) -> None:
        """End the view."""
        from cineforge.history import recorder

        for each in (self.view.on_event, self._note):
            if each in recorder.observers:
                recorder.observers.remove(each)
        self.view.close()
        super().close()

    @staticmethod
    def _is_shown_already(record: logging.LogRecord, text: str) -> bool:
        event = getattr(record, "event", None)
        is_job_failure = event is LogEvent.JOB_ERROR or (
            event is LogEvent.ERROR and getattr(record, "exception", "") == "RuleException"
        )
        return is_job_failure or any(words in text for words in SHOWN_ALREADY)

    @property
    def writes_to_stream(self) -> bool:
        return True

    @property
    def writes_to_file(self) -> bool:
        return False

    @property
    def has_filter(self) -> bool:
        return True

    @property
    def has_formatter(self) -> bool:
        return True

    @property
    def needs_rulegraph(self) -> bool:
        return False
