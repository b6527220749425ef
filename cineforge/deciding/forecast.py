"""What a plan would cost and how long its jobs would take, from what the same stages took before. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from cineforge.deciding.outlook import StageOutlook


@dataclass(frozen=True)
class Sample:
    """One instance that was built: seconds of its jobs, and US dollars of its calls."""

    seconds: float
    usd: float


@dataclass(frozen=True)
class Range:
    low: float
    likely: float
    high: float

    def __add__(self, other: Range) -> Range:
        return Range(self.low + other.low, self.likely + other.likely, self.high + other.high)


NOTHING = Range(0.0, 0.0, 0.0)


@dataclass(frozen=True)
class StageForecast:
    """Seconds of jobs (one after the other) and US dollars; None for a stage that was never built."""

    stage: str
    seconds: Range | None
    usd: Range | None


def forecast(
    plan: Sequence[StageOutlook], samples: Mapping[str, Sequence[Sample]]
) -> list[StageForecast]:
    """For each stage with work: the fewest calls at the least, all possible ones at the most; between, the median.

    What is only possible counts half in the likely case.
    """
    return [
        StageForecast(
            stage.stage,
            _range(stage, [sample.seconds for sample in samples.get(stage.stage, ())]),
            _range(stage, [sample.usd for sample in samples.get(stage.stage, ())]),
        )
        for stage in plan
        if stage.at_most
    ]


def _range(stage: StageOutlook, seen: list[float]) -> Range | None:
    if not seen:
        return None
    likely_calls = (stage.at_least + stage.at_most) / 2
    return Range(min(seen) * stage.at_least, median(seen) * likely_calls, max(seen) * stage.at_most)
