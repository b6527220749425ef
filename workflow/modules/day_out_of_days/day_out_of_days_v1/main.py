"""From the one-liner schedule to the day-out-of-days: a row for each of the cast, a code for each shooting day.

SW is the day somebody starts work, WF the day they finish, SWF both in one, W any other day of work, H a day held
between two days of work. Days before the start and after the finish are empty. Voices that are only heard (V.O.) work
on no day and have no row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cineforge.model.module_result import ModuleResult, Output

from .shared.csv_table import csv_bytes

_TOTALS = ("start", "finish", "work", "hold", "total")


def run_module(inputs: Any, params: Any, project_config: Any, context: Any) -> ModuleResult:
    """Rows in the order of the cast's numbers."""
    schedule = inputs["one_liner"].data
    days = schedule["days"]
    rows = []
    for member in schedule["cast"]:
        works = [day["day"] for day in days if member["id"] in day["cast"]]
        if works:
            rows.append(_row(member, works, len(days)))
    columns = ["number", "character", *(f"day {day['day']}" for day in days), *_TOTALS]
    cells = (
        [row["number"], row["name"], *row["codes"], *(row[total] for total in _TOTALS)]
        for row in rows
    )
    context.attach("day_out_of_days.csv", csv_bytes(columns, cells))
    return ModuleResult(
        outputs={
            "day_out_of_days": Output(
                data={"days": len(days), "rows": rows},
                files=("day_out_of_days.csv",),
                intent="Tell when each of the cast is needed.",
            )
        }
    )


def _row(member: Mapping[str, Any], works: Sequence[int], days: int) -> dict[str, Any]:
    start, finish = works[0], works[-1]
    return {
        "number": member["number"],
        "id": member["id"],
        "name": member["name"],
        "codes": [_code(day, works) for day in range(1, days + 1)],
        "start": start,
        "finish": finish,
        "work": len(works),
        "hold": finish - start + 1 - len(works),
        "total": finish - start + 1,
    }


def _code(day: int, works: Sequence[int]) -> str:
    if not works[0] <= day <= works[-1]:
        return ""
    if day not in works:
        return "H"
    return ("S" if day == works[0] else "") + "W" + ("F" if day == works[-1] else "")
