"""What a plan would cost and how long its jobs would take, from what the same modules took before. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from cineforge.deciding.dry_run.stage_decisions import StageDecisions


@dataclass(frozen=True)
class Sample:
    """What one module call took: US dollars of its paid calls, and seconds of its job, as far as they are known."""

    usd: float | None
    seconds: float | None


@dataclass(frozen=True)
class Range:
    """`high` is None where nobody knows how many calls there may be."""

    low: float
    likely: float
    high: float | None

    def __add__(self, other: Range) -> Range:
        is_open = self.high is None or other.high is None
        high = None if is_open else (self.high or 0.0) + (other.high or 0.0)
        return Range(self.low + other.low, self.likely + other.likely, high)


NOTHING = Range(0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Forecast:
    """US dollars, and seconds of jobs one after the other; None where nothing is on record. `call_usd` is of one call.

    `adoption_saves_usd` will be saved by taking older versions; `may_save_usd` is what the calls that are only
    possible would cost, and is saved where contents come out as they were.
    """

    usd: Range | None
    seconds: Range | None
    adoption_saves_usd: float | None
    may_save_usd: float | None
    call_usd: Range | None = None


def forecast(stage: StageDecisions, samples: Sequence[Sample]) -> Forecast:
    """For one stage: the fewest calls at the least, all possible ones at the most; between, the median.

    What is only possible counts half in the likely case.
    """
    usd = [sample.usd for sample in samples if sample.usd is not None]
    likely = median(usd) if usd else None
    possible = stage.at_most - stage.at_least
    return Forecast(
        _range(stage, usd),
        _range(stage, [sample.seconds for sample in samples if sample.seconds is not None]),
        _times(len(stage.adopted), likely),
        _times(possible, likely),
        _of_one(usd),
    )


def forecasts(
    plan: Iterable[StageDecisions], samples: Mapping[str, Sequence[Sample]]
) -> dict[str, Forecast]:
    """By stage, for those with anything to do."""
    return {
        stage.stage: forecast(stage, samples.get(stage.stage, ()))
        for stage in plan
        if not stage.is_up_to_date
    }


def in_all(found: Iterable[Forecast]) -> Forecast:
    """The sum of what is known."""
    found = list(found)
    return Forecast(
        _sum([each.usd for each in found]),
        _sum([each.seconds for each in found]),
        sum(each.adoption_saves_usd or 0.0 for each in found),
        sum(each.may_save_usd or 0.0 for each in found),
    )


def per_call(samples: Sequence[Sample]) -> tuple[Range | None, Range | None]:
    """What one call takes: US dollars, and seconds."""
    usd = [sample.usd for sample in samples if sample.usd is not None]
    seconds = [sample.seconds for sample in samples if sample.seconds is not None]
    return _of_one(usd), _of_one(seconds)


def _of_one(seen: list[float]) -> Range | None:
    return Range(min(seen), median(seen), max(seen)) if seen else None


def _sum(ranges: list[Range | None]) -> Range | None:
    known = [each for each in ranges if each is not None]
    return sum(known, NOTHING) if known or not ranges else None


def _range(stage: StageDecisions, seen: list[float]) -> Range | None:
    if not stage.at_most and not stage.waits_for:
        return NOTHING
    if not seen:
        return None
    likely_calls = (stage.at_least + stage.at_most) / 2
    high = max(seen) * stage.at_most
    # Of members that nobody knows yet there may be any number; what is free stays free.
    is_open = bool(stage.waits_for) and max(seen) > 0
    return Range(min(seen) * stage.at_least, median(seen) * likely_calls, None if is_open else high)


def _times(count: int, usd: float | None) -> float | None:
    if not count:
        return 0.0
    return None if usd is None else count * usd
