"""The lists of the page, from what the board, the schedule and the cross-reference tell."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]
#: Points of the letters of the day-out-of-days, so that its columns and rows fit on a landscape sheet.
_LARGEST, _SMALLEST = 8.0, 4.5
_WIDTH, _OTHER_COLUMNS = 760, 48
_HEIGHT, _OTHER_ROWS, _LINE = 455, 4, 1.3


def calendar(given: Row, days_a_table: int) -> Iterator[dict[str, Any]]:
    """The day-out-of-days in tables that fit the width of a sheet; who has no work in one is left out of it."""
    tables = math.ceil(given["days"] / days_a_table)
    dates = given.get("dates") or [None] * given["days"]
    for table in range(tables):
        days = range(table * given["days"] // tables, (table + 1) * given["days"] // tables)
        rows = [
            {**row, "codes": [row["codes"][day] for day in days]}
            for row in given["rows"]
            if any(row["codes"][day] for day in days)
        ]
        fitting = min(
            _WIDTH / (len(days) * 2.4 + _OTHER_COLUMNS),
            _HEIGHT / ((len(rows) + _OTHER_ROWS) * _LINE),
        )
        yield {
            "days": [day + 1 for day in days],
            "dates": [dates[day] for day in days],
            "rows": rows,
            "size": round(min(_LARGEST, max(_SMALLEST, fitting)), 1),
        }


def scenes_with(board: Row) -> dict[str, list[Row]]:
    """The strips of everybody, voices as well."""
    found: dict[str, list[Row]] = {member["id"]: [] for member in board["cast"]}
    for row in board["rows"]:
        for who in (*row["cast"], *row["voices"]):
            found[who].append(row)
    return found


def locations(board: Row, schedule: Row) -> list[dict[str, Any]]:
    """`{name, parts, rows, eighths, days}` of each location, in the order in which the script first goes there."""
    found: dict[str, dict[str, Any]] = {}
    for row in board["rows"]:
        if row["location_id"] is None:
            continue
        place = found.setdefault(
            row["location_id"],
            {"name": row["location"], "parts": [], "rows": [], "eighths": 0, "days": []},
        )
        place["rows"].append(row)
        place["eighths"] += row["eighths"]
        place["parts"] += [part for part in row["sublocations"] if part not in place["parts"]]
    for day in schedule["days"]:
        for location in dict.fromkeys(row["location_id"] for row in day["scenes"]):
            if location in found:
                found[location]["days"].append(day["day"])
    return list(found.values())


def script_days(board: Row) -> list[dict[str, Any]]:
    """`{name, rows, eighths}` of each day of the story, as the script brings them."""
    found: dict[str, list[Row]] = {}
    for row in board["rows"]:
        if row.get("script_day"):
            found.setdefault(row["script_day"], []).append(row)
    return [
        {"name": name, "rows": rows, "eighths": sum(row["eighths"] for row in rows)}
        for name, rows in found.items()
    ]


def elements(found: Row) -> list[tuple[str, Sequence[Row]]]:
    """The elements by category, in the order of a breakdown sheet, by name."""
    by_category: dict[str, list[Row]] = {}
    for row in found.get("elements", ()):
        by_category.setdefault(row["category"], []).append(row)
    return [
        (category, sorted(rows, key=lambda row: row["name"].casefold()))
        for category, rows in by_category.items()
    ]
