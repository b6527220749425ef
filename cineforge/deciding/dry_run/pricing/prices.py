"""What calls of one module take, learnt from those on record: what to expect of some more, and how sure that is. Pure.

The size of what is read tells more where that is borne out by the calls themselves: each is told from all others, once
by their mean and once by a line through their sizes, and the line must be much closer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum, log, sqrt

#: An interval is stated to hold so often.
HOLDS = 0.9
#: Student's distribution: half the width of that interval by degrees of freedom from 1 on, in standard deviations.
_STUDENT = (
    *(6.314, 2.920, 2.353, 2.132, 2.015, 1.943, 1.895, 1.860, 1.833, 1.812),
    *(1.796, 1.782, 1.771, 1.761, 1.753, 1.746, 1.740, 1.734, 1.729, 1.725),
    *(1.721, 1.717, 1.714, 1.711, 1.708, 1.706, 1.703, 1.701, 1.699, 1.697),
)
_NORMAL = 1.645
#: With fewer calls any line fits.
_FEWEST_FOR_A_LINE = 5
#: So much of the squared error of the mean a line may leave at most.
_CLOSE = 0.5
#: The dust of floats, as a share of what is measured.
_DUST = 1e-9


@dataclass(frozen=True)
class Measured:
    """One call: what it took (dollars, seconds, tokens ...), and the size of what it read where that is known."""

    amount: float
    size: float | None = None


@dataclass(frozen=True)
class Several:
    """What some calls come to together: the mean, and how far below and above it the interval reaches."""

    mean: float
    reach_down: float
    reach_up: float

    @property
    def low(self) -> float:
        return max(0.0, self.mean - self.reach_down)

    @property
    def high(self) -> float:
        return self.mean + self.reach_up


class Price:
    """Learnt from at least one call. From a single one no spread is known: its interval has no width."""

    def __init__(self, calls: Sequence[Measured]) -> None:
        amounts = [call.amount for call in calls]
        self._count = len(amounts)
        self._mean = fsum(amounts) / self._count
        errors = [amount - self._mean for amount in amounts]
        self._slope, self._mean_size, self._spread_of_sizes = 0.0, 0.0, 0.0
        self._is_relative = False
        sized = [(call.size, call.amount) for call in calls if call.size]
        if len(sized) >= max(_FEWEST_FOR_A_LINE, self._count * 0.8):
            errors = self._with_line(sized) or errors
        self._deviation = sqrt(fsum(e * e for e in errors) / max(1, self._count - 1))
        if self._deviation <= _DUST * max(map(abs, amounts)):
            self._deviation = 0.0
        self._errors = sorted(errors)

    @property
    def goes_by_size(self) -> bool:
        return self._slope != 0.0

    def of(self, sizes: Sequence[float | None]) -> Several:
        """What calls that read so much come to; None for one of which that is not known."""
        number = len(sizes)
        if not number:
            return Several(0.0, 0.0, 0.0)
        known = [size for size in sizes if size is not None]
        # Those of unknown size are all alike, and may be very many.
        others = number - len(known)
        away = [size - self._mean_size for size in known]
        means = (max(0.0, self._mean + self._slope * each) for each in away)
        mean = fsum([*means, others * max(0.0, self._mean)])
        if self._deviation == 0.0:
            return Several(mean, 0.0, 0.0)
        weights = [self._weight(size) for size in known]
        squares = fsum([*(each**2 for each in weights), others])
        variance = squares + fsum([*weights, others]) ** 2 / self._count
        if self._spread_of_sizes:
            variance += fsum(away) ** 2 / self._spread_of_sizes
        half = self._student * self._deviation * sqrt(variance)
        # One call alone may be as far from the others as the rarest of them were.
        rank = int((self._count + 1) * (1 - HOLDS) / 2)
        lowest, highest = self._errors[max(0, rank - 1)], self._errors[-max(1, rank)]
        widest = max([*weights, *([1.0] if others else [])])
        return Several(mean, max(half, -lowest * widest), max(half, highest * widest))

    def _weight(self, size: float) -> float:
        """How much farther than on the mean a call of this size may be from what is expected of it."""
        return size / self._mean_size if self._is_relative and size else 1.0

    @property
    def _student(self) -> float:
        freedom = self._count - (2 if self._slope else 1)
        return _STUDENT[freedom - 1] if 1 <= freedom <= len(_STUDENT) else _NORMAL

    def _with_line(self, sized: list[tuple[float, float]]) -> list[float] | None:
        """Take the line through the sizes, if it tells enough: what it leaves of each call; None if it does not."""
        count = len(sized)
        mean_size = fsum(size for size, _ in sized) / count
        mean = fsum(amount for _, amount in sized) / count
        spread = fsum((size - mean_size) ** 2 for size, _ in sized)
        if spread <= 0:
            return None
        slope = fsum((size - mean_size) * (amount - mean) for size, amount in sized) / spread
        left = [amount - mean - slope * (size - mean_size) for size, amount in sized]
        # Each told from all others, without fitting anew: what a call itself adds to mean and line is known.
        by_line = [
            error / (1 - 1 / count - (size - mean_size) ** 2 / spread)
            for error, (size, _) in zip(left, sized, strict=True)
            if 1 - 1 / count - (size - mean_size) ** 2 / spread > _DUST
        ]
        by_mean = [(amount - mean) * count / (count - 1) for _, amount in sized]
        if len(by_line) < count or slope <= 0:
            return None
        if fsum(e * e for e in by_line) > _CLOSE * fsum(e * e for e in by_mean):
            return None
        self._slope, self._mean_size, self._spread_of_sizes = slope, mean_size, spread
        # Larger calls may be told less closely: whichever way the errors seen are the likelier.
        relative = [error * mean_size / size for error, (size, _) in zip(left, sized, strict=True)]
        by_weight = fsum(log(size / mean_size) for size, _ in sized)
        self._is_relative = _log_spread(relative) + by_weight / count < _log_spread(left)
        # What had no size on record, as failed calls, counts in the mean.
        return relative if self._is_relative else left


def _log_spread(errors: Sequence[float]) -> float:
    return log(max(fsum(each * each for each in errors) / len(errors), 1e-300)) / 2
