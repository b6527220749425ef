"""The dates of shooting days."""

from __future__ import annotations

from datetime import date, timedelta

from .by_hand import ByHand

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
#: A calendar of nothing but single days off must end somewhere.
_LONGEST = 20_000


def dates(plan: ByHand, days: int) -> list[date | None]:
    """A date for each day, days off passed over; None where no start is told."""
    if plan.start is None:
        return [None] * days
    found: list[date | None] = []
    day = plan.start
    for _ in range(_LONGEST):
        if len(found) == days:
            break
        if _WEEKDAYS[day.weekday()] not in plan.weekdays_off and day not in plan.dates_off:
            found.append(day)
        day += timedelta(days=1)
    return found + [None] * (days - len(found))
