"""The rules of the schedule, and the days on which one is broken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from .days import Limits, light_of, lights_of, moves_in
from .shared.page_layout import pages_text

Row = Mapping[str, Any]


def told_rules(days: Sequence[Sequence[Row]], limits: Limits, by_hand: int) -> list[dict[str, Any]]:
    """`{rule, broken_on}`: each rule as people read it, with the numbers of the days that do not keep it."""
    numbered = list(enumerate(days, 1))
    over = [n for n, day in numbered if sum(row["eighths"] for row in day) > limits.eighths]
    rules = [
        (f"A day has up to {pages_text(limits.eighths)} pages; a longer scene has its own.", over),
        (
            "One change of light a day at most.",
            [n for n, day in numbered if len(lights_of(day)) > 2],
        ),
        (
            "Day comes before night, day exteriors first.",
            [n for n, day in numbered if _night_before_day(day)],
        ),
        (
            f"Up to {limits.moves} company move{'s' * (limits.moves != 1)} within a day.",
            [n for n, day in numbered if moves_in(day) > limits.moves],
        ),
        (
            "A night outside is followed by no morning outside (turnaround).",
            [n + 1 for (n, day), (_, after) in pairwise(numbered) if _short_turnaround(day, after)],
        ),
    ]
    told = [{"rule": rule, "broken_on": broken} for rule, broken in rules]
    told.append(
        {
            "rule": "A location's days stay together, in the order that holds the cast least.",
            "broken_on": [],
        }
    )
    if by_hand:
        hand = (
            f"Day 1 to {by_hand}: in the order of schedule.yaml."
            if by_hand > 1
            else "Day 1: in the order of schedule.yaml."
        )
        told.append({"rule": hand, "broken_on": []})
    return told


def _night_before_day(day: Sequence[Row]) -> bool:
    lights = lights_of(day)
    return any(a == "night" and b != "night" for a, b in pairwise(lights))


def _short_turnaround(day: Sequence[Row], after: Sequence[Row]) -> bool:
    return (
        light_of(day[-1]) == "night"
        and day[-1]["int_ext"] != "interior"
        and light_of(after[0]) in ("dawn", "day")
        and after[0]["int_ext"] != "interior"
    )
