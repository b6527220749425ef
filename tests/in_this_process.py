"""Modules called by the worker's own code, but in this process."""

from __future__ import annotations

from collections.abc import Callable

from cineforge.model.errors import ModuleFailed
from cineforge.running.workers.loader import loaded_module
from cineforge.running.workers.report_data import parse_report
from cineforge.running.workers.spec import JobReport, JobSpec
from cineforge.running.workers.worker import call_module


class InThisProcess:
    """The worker pool's part: the worker's own code, called directly."""

    def call(
        self, spec: JobSpec, timeout: float | None, check: Callable[[JobReport], None]
    ) -> JobReport:
        del timeout
        report = parse_report(call_module(spec), spec)
        try:
            check(report)
        except ModuleFailed:
            loaded_module.cache_clear()  # a worker would be given up
            raise
        return report

    def stop(self) -> None:
        pass
