"""From the one-liner schedule to the day-out-of-days: a row for each of the cast, a code for each shooting day.

S is the day somebody starts, W any day of work, F the day they finish, H a day held between two days of work. Whoever
is free for long is dropped after the last day of work before it (WD), free in between, and picked up on the next
(PW). Who travels does so on the day before the start and on the day after the finish (T), which may lie outside the
schedule. Voices that are only heard (V.O.) work on no day and have no row.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from cineforge import Inputs, ModuleContext, ModuleResult, Output, Params, ProjectValues

from .shared.csv_table import csv_bytes

_TOTALS = ("start", "finish", "work", "hold", "travel", "drop", "total")


def run_module(
    inputs: Inputs, params: Params, project_config: ProjectValues, context: ModuleContext
) -> ModuleResult:
    """Rows in the order of the cast's numbers."""
    schedule = inputs.one("one_liner").data
    days = schedule["days"]
    dates = [day.get("date") for day in days]
    travels = set(schedule.get("travel", ()))
    rows = []
    for member in schedule["cast"]:
        works = [day["day"] for day in days if member["id"] in day["cast"]]
        if works:
            gap = _longest_gap(works, dates, schedule.get("drop_after", 0))
            rows.append(_row(member, works, dates, member["id"] in travels, gap))
    heads = [f"day {day['day']}" + (f" {day['date']}" if day.get("date") else "") for day in days]
    cells = (
        [row["number"], row["name"], *row["codes"], *(row[total] for total in _TOTALS)]
        for row in rows
    )
    columns = ["number", "character", *heads, *_TOTALS]
    context.attach("day_out_of_days.csv", csv_bytes(columns, cells))
    return ModuleResult(
        outputs={
            "day_out_of_days": Output(
                data={"days": len(days), "dates": dates, "rows": rows},
                files=("day_out_of_days.csv",),
                intent="Tell when each of the cast is needed.",
                rationale="Counted on the days of the schedule: who stands in a scene works, who is between two days"
                " of work is on hold.",
            )
        }
    )


def _longest_gap(
    works: Sequence[int], dates: Sequence[str | None], drop_after: int
) -> tuple[int, int] | None:
    """The days of work around the longest stretch of free days, if it is long enough to drop somebody.

    Once is all that a contract allows. Free days are those of the calendar where dates are known.
    """
    free = [(_between(a, b, dates), -a, b) for a, b in itertools.pairwise(works)]
    longest = max(free, default=None)
    if longest is None or not drop_after or longest[0] < drop_after:
        return None
    return -longest[1], longest[2]


def _between(a: int, b: int, dates: Sequence[str | None]) -> int:
    first, second = dates[a - 1], dates[b - 1]
    if first is None or second is None:
        return b - a - 1
    return (date.fromisoformat(second) - date.fromisoformat(first)).days - 1


def _row(
    member: Mapping[str, Any],
    works: Sequence[int],
    dates: Sequence[str | None],
    travels: bool,
    gap: tuple[int, int] | None,
) -> dict[str, Any]:
    start, finish = works[0], works[-1]
    codes = [_code(day, works, gap) for day in range(1, len(dates) + 1)]
    if travels:
        for day in (start - 1, finish + 1):
            if 1 <= day <= len(dates):
                codes[day - 1] = "T"
    dropped = gap[1] - gap[0] - 1 if gap else 0
    return {
        "number": member["number"],
        "id": member["id"],
        "name": member["name"],
        "codes": codes,
        "start": start,
        "finish": finish,
        "work": len(works),
        "hold": codes.count("H"),
        "travel": 2 if travels else 0,
        "drop": dropped,
        "dropped_after": gap[0] if gap else None,
        "picked_up": gap[1] if gap else None,
        "total": finish - start + 1 - dropped,
    }


def _code(day: int, works: Sequence[int], gap: tuple[int, int] | None) -> str:
    if not works[0] <= day <= works[-1]:
        return ""
    if gap and gap[0] < day < gap[1]:
        return ""
    if day not in works:
        return "H"
    before = "S" if day == works[0] else "P" if gap and day == gap[1] else ""
    after = "F" if day == works[-1] else "D" if gap and day == gap[0] else ""
    return f"{before}W{after}"
