"""The logger plugin: Snakemake's own conformance tests, and what it lets through."""

from __future__ import annotations

import logging

import pytest
from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent
from snakemake_interface_logger_plugins.registry import LoggerPluginRegistry
from snakemake_interface_logger_plugins.tests import TestLogHandlerBase as Conformance

from cineforge.bridge.snakemake.log_handler import LogHandler, LogHandlerSettings


class TestConformance(Conformance):
    __test__ = True

    def get_log_handler_cls(self) -> type[LogHandlerBase]:
        return LogHandler

    def get_log_handler_settings(self) -> LogHandlerSettings:
        return LogHandlerSettings()

    def record(self, text: str, level: int = logging.INFO, **fields: object) -> logging.LogRecord:
        record = logging.LogRecord("snakemake", level, "x.py", 1, text, (), None)
        vars(record).update(fields)
        return record

    def test_what_cineforge_says_is_shown(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._create_handler().emit(self.record("scene_7: held", cineforge=True))
        assert capsys.readouterr().err == "scene_7: held\n"

    def test_snakemakes_chatter_is_not(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._create_handler().emit(self.record("Building DAG of jobs..."))
        assert capsys.readouterr().err == ""

    def test_an_error_is_shown(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._create_handler().emit(
            self.record("No rule to produce x", logging.ERROR, event=LogEvent.ERROR)
        )
        assert "No rule to produce x" in capsys.readouterr().err

    def test_a_job_failure_is_left_to_the_record(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._create_handler().emit(
            self.record("boom", logging.ERROR, event=LogEvent.ERROR, exception="RuleException")
        )
        assert capsys.readouterr().err == ""


def test_snakemake_finds_the_plugin() -> None:
    assert "cineforge" in LoggerPluginRegistry().get_registered_plugins()
