"""What a plan would cost and how long its jobs would take, from what the same modules took before. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import fsum, sqrt
from types import MappingProxyType

from cineforge.deciding.dry_run.pricing.prices import Measured, Price, Several
from cineforge.deciding.dry_run.stage_decisions import StageDecisions
from cineforge.deciding.instance import Instance


@dataclass(frozen=True)
class Sample:
    """What one instance took in a run, failed attempts included, as far as it is known: US dollars, seconds of its job.

    `calls` and `tokens` are of models; `size` is that of what it read, in bytes.
    """

    usd: float | None
    seconds: float | None
    calls: float | None = None
    tokens: float | None = None
    size: float | None = None


@dataclass(frozen=True)
class Range:
    """`high` is None where nobody knows how many calls there may be, and `likely` where nobody can even guess it."""

    low: float
    likely: float | None
    high: float | None

    @property
    def as_known(self) -> float:
        """What is likely of all that can be told."""
        return self.low if self.likely is None else self.likely


NOTHING = Range(0.0, 0.0, 0.0)

#: How large what an instance reads is, in bytes; None where that is not known yet.
SizeOf = Callable[[Instance], float | None]


@dataclass(frozen=True)
class Expected:
    """What some calls come to: those that are `certain`, and `possible` ones with them; None where it is `open`.

    `further` is likely for calls of which nobody knows how many there may be; None where nobody can guess it.
    """

    certain: Several
    possible: Several | None
    further: float | None = 0.0

    @property
    def range(self) -> Range:
        likely = self.certain.mean
        if self.possible is None:
            further = None if self.further is None else likely + self.further
            return Range(self.certain.low, further, None)
        # What is only possible counts half.
        likely += (self.possible.mean - likely) / 2
        return Range(self.certain.low, likely, max(self.possible.high, self.certain.high))


@dataclass(frozen=True)
class Forecast:
    """US dollars, and seconds of jobs one after the other; None where nothing is on record. `call_usd` is of one call.

    Nine times of ten the calls that turn out to be needed come to something between `low` and `high`.
    `adoption_saves_usd` will be saved by taking older versions; `may_save_usd` is what the calls that are only
    possible would cost, and is saved where contents come out as they were. `model_calls` and `tokens` are of models.
    `on_record` is from how many instances that is known. `paid_before_usd` was paid by an earlier try at the same work,
    and is given back: it is not in what is likely.
    """

    usd: Range | None
    seconds: Range | None
    adoption_saves_usd: float | None
    may_save_usd: float | None
    call_usd: Range | None = None
    model_calls: Range | None = None
    tokens: Range | None = None
    on_record: int = 0
    paid_before_usd: float = 0.0
    expected: Mapping[str, Expected | None] | None = None


#: What is told of samples, by the name that a forecast has for it.
_AMOUNTS: Mapping[str, Callable[[Sample], float | None]] = {
    "usd": lambda sample: sample.usd,
    "seconds": lambda sample: sample.seconds,
    "model_calls": lambda sample: sample.calls,
    "tokens": lambda sample: sample.tokens,
}


def _no_size(_instance: Instance) -> None:
    """Of nothing is the size known."""


def forecast(
    stage: StageDecisions,
    samples: Sequence[Sample],
    size_of: SizeOf = _no_size,
    further_calls: float | None = None,
    paid: Mapping[Instance, Sample] = MappingProxyType({}),
) -> Forecast:
    """For one stage: the certain calls at the least, all possible ones at the most.

    `further_calls` are likely where it waits for fan-outs; None where nobody can tell. `paid` is what an earlier try
    at the same work has taken, and is given back to the next.
    """
    prices = {name: _price(samples, of) for name, of in _AMOUNTS.items()}
    spared = {name: _spared(stage, paid, of) for name, of in _AMOUNTS.items()}
    expected = {
        name: _expected(stage, price, size_of, further_calls, *spared[name])
        for name, price in prices.items()
    }
    usd, cost = prices["usd"], expected["usd"]
    adopted = _likely(usd, [each.instance for each in stage.adopted], size_of)
    possible = None if cost is None else _likely(usd, _perhaps(stage), size_of, stage.alike.count)
    ranges = {name: None if each is None else each.range for name, each in expected.items()}
    return Forecast(
        ranges["usd"],
        ranges["seconds"],
        adopted,
        possible,
        _of_one(usd),
        ranges["model_calls"],
        ranges["tokens"],
        len(samples),
        spared["usd"][0],
        expected,
    )


def forecasts(
    plan: Iterable[StageDecisions],
    samples: Mapping[str, Sequence[Sample]],
    size_of: SizeOf = _no_size,
    further: Mapping[str, float | None] | None = None,
    paid: Mapping[Instance, Sample] = MappingProxyType({}),
) -> dict[str, Forecast]:
    """By stage, for those with anything to do."""
    return {
        stage.stage: forecast(
            stage, samples.get(stage.stage, ()), size_of, (further or {}).get(stage.stage), paid
        )
        for stage in plan
        if not stage.is_up_to_date
    }


def in_all(found: Iterable[Forecast]) -> Forecast:
    """The sum of what is known. What one stage takes too much another may take too little."""
    found = list(found)
    sums = {name: _sum([(each.expected or {}).get(name) for each in found]) for name in _AMOUNTS}
    return Forecast(
        sums["usd"],
        sums["seconds"],
        sum(each.adoption_saves_usd or 0.0 for each in found),
        sum(each.may_save_usd or 0.0 for each in found),
        model_calls=sums["model_calls"],
        tokens=sums["tokens"],
        paid_before_usd=fsum(each.paid_before_usd for each in found),
    )


def per_call(samples: Sequence[Sample]) -> tuple[Range | None, Range | None]:
    """What one instance takes: US dollars, and seconds."""
    return _of_one(_price(samples, _AMOUNTS["usd"])), _of_one(_price(samples, _AMOUNTS["seconds"]))


def expected_usd(samples: Sequence[Sample], size: float | None) -> float | None:
    """What is to be expected of one instance that reads so much."""
    price = _price(samples, _AMOUNTS["usd"])
    return None if price is None else price.of([size]).mean


def _price(samples: Sequence[Sample], of: Callable[[Sample], float | None]) -> Price | None:
    measured = [
        Measured(amount, sample.size) for sample in samples if (amount := of(sample)) is not None
    ]
    return Price(measured) if measured else None


def _of_one(price: Price | None) -> Range | None:
    if price is None:
        return None
    one = price.of([None])
    return Range(one.low, one.mean, one.high)


def _sizes(price: Price, instances: Iterable[Instance], size_of: SizeOf) -> list[float | None]:
    return [size_of(each) if price.goes_by_size else None for each in instances]


def _certain(stage: StageDecisions) -> list[Instance]:
    return [each.instance for each in stage.build if each.instance not in stage.recalled]


def _perhaps(stage: StageDecisions) -> list[Instance]:
    """Those of them of which more is known than that they wait."""
    others = [each.instance for each in (*stage.unknown, *stage.possible)]
    return [*(each.instance for each in stage.build if each.instance in stage.recalled), *others]


def _expected(
    stage: StageDecisions,
    price: Price | None,
    size_of: SizeOf,
    further_calls: float | None,
    spared_at_least: float,
    spared_at_most: float,
) -> Expected | None:
    if not stage.at_most and not stage.waits_for:
        return Expected(Several(0.0, 0.0, 0.0), Several(0.0, 0.0, 0.0))
    if price is None:
        return None
    certain = _sizes(price, _certain(stage), size_of)
    perhaps = _sizes(price, _perhaps(stage), size_of)
    perhaps += [None] * stage.alike.count  # what waits: nobody knows what it will read
    # Of members that nobody knows yet there may be any number; what is free stays free.
    one = price.of([None])
    if stage.waits_for and one.high > 0:
        further = None if further_calls is None else further_calls * one.mean
        return Expected(_less(price.of(certain), spared_at_least), None, further)
    return Expected(
        _less(price.of(certain), spared_at_least),
        _less(price.of([*certain, *perhaps]), spared_at_most),
    )


def _spared(
    stage: StageDecisions, paid: Mapping[Instance, Sample], of: Callable[[Sample], float | None]
) -> tuple[float, float]:
    """What is given back of the certain calls, and of all possible ones."""
    certain, perhaps = (
        fsum(of(paid[each]) or 0.0 for each in instances if each in paid)
        for instances in (_certain(stage), _perhaps(stage))
    )
    return certain, certain + perhaps


def _less(whole: Several, spared: float) -> Several:
    """At most all of it is given back: whether the module asks for that is its own affair."""
    mean = max(0.0, whole.mean - spared)
    return Several(mean, mean - max(0.0, whole.low - spared), whole.high - mean)


def _likely(
    price: Price | None, instances: list[Instance], size_of: SizeOf, more: int = 0
) -> float | None:
    """What instances are likely to come to, and so many more that read nobody knows how much."""
    if not instances and not more:
        return 0.0
    if price is None:
        return None
    return price.of([*_sizes(price, instances, size_of), *[None] * more]).mean


def _sum(parts: list[Expected | None]) -> Range | None:
    known = [each for each in parts if each is not None]
    if not known:
        return None if parts else NOTHING
    certain = _together([each.certain for each in known])
    possible = [each.possible for each in known if each.possible is not None]
    is_open = len(possible) < len(known)
    whole = Expected(certain, None if is_open else _together(possible)).range
    # Where one part has no upper bound, or nobody can guess it, the others are likely all the same.
    likely = [(each.range.likely, each.certain.mean) for each in known]
    guessed = sum(certain if guess is None else guess for guess, certain in likely)
    return Range(whole.low, guessed, whole.high)


def _together(parts: list[Several]) -> Several:
    """Parts that know nothing of one another are not all low, or all high, at once."""
    return Several(
        sum(each.mean for each in parts),
        sqrt(sum(each.reach_down**2 for each in parts)),
        sqrt(sum(each.reach_up**2 for each in parts)),
    )
