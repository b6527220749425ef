"""Modules called by the worker's own code, but in this process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from cineforge.model.errors import ModuleFailed
from cineforge.running.workers.loader import loaded_module
from cineforge.running.workers.pool import Ended
from cineforge.running.workers.report_data import parse_report
from cineforge.running.workers.spec import JobReport, JobSpec
from cineforge.running.workers.worker import call_module, call_modules


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

    def call_each(
        self,
        specs: Sequence[JobSpec],
        reports: Path,
        check: Callable[[Sequence[Ended]], None],
        *,
        go_on: bool,
    ) -> list[Ended]:
        call_modules(specs, reports, go_on)
        found: list[Ended] = list(map(parse_report, reports.read_bytes().splitlines(), specs))
        check(found)
        return found

    def stop(self) -> None:
        pass
