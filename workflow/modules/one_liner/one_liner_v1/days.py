"""A simple schedule: which scenes are shot on which day.

Scenes are sorted by location (in the order in which the script first goes there; scenes without one come last), then
exteriors before scenes inside and out before interiors, day before night, then script order. Days are filled in that
order up to a budget of pages; a scene longer than the budget has a day of its own, which is marked. A new location
begins a new day unless all of its scenes still fit into the day begun, so that the unit moves as little as a schedule
without people's and places' calendars can tell. It is a start to argue with, not a plan.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

_PLACES = ("exterior", "both", "interior")
_LIGHTS = ("day", "night")

Row = Mapping[str, Any]


def shooting_days(rows: Sequence[Row], eighths_a_day: int) -> list[list[Row]]:
    """The rows of a strip board, each on exactly one day; no day is empty."""
    first_seen: dict[str | None, int] = {}
    for row in rows:
        first_seen.setdefault(row["location_id"], row["ordinal"])

    def turn(row: Row) -> tuple[bool, int, int, int, int]:
        location = row["location_id"]
        return (
            location is None,
            first_seen[location],
            _place_in(_PLACES, row["int_ext"]),
            _place_in(_LIGHTS, row["day_night"]),
            row["ordinal"],
        )

    days: list[list[Row]] = []
    for _, group in groupby(sorted(rows, key=turn), key=lambda row: row["location_id"]):
        here = list(group)
        fits = bool(days) and length(days[-1]) + length(here) <= eighths_a_day
        if not fits:
            days.append([])
        for row in here:
            if days[-1] and length(days[-1]) + row["eighths"] > eighths_a_day:
                days.append([])
            days[-1].append(row)
    return days


def length(rows: Sequence[Row]) -> int:
    """The sum in eighths of a page."""
    return sum(row["eighths"] for row in rows)


def _place_in(order: Sequence[str], value: str | None) -> int:
    return order.index(value) if value in order else len(order)
