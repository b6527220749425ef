"""From the strip board to the one-liner schedule: a line for each scene, under the day on which it is shot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cineforge.model.module_result import ModuleResult, Output

from .days import length, shooting_days
from .shared.csv_table import csv_bytes
from .shared.page_layout import pages_text

_COLUMNS = [
    "day",
    "ordinal",
    "number",
    "scene",
    "int_ext",
    "day_night",
    "heading",
    "description",
    "pages",
    "cast",
]
_OF_SCENE = [
    "ordinal",
    "number",
    "scene",
    "int_ext",
    "day_night",
    "heading",
    "location_id",
    "location",
    "description",
]
_LENGTH = ["eighths", "pages", "cast", "voices"]


def run_module(inputs: Any, params: Any, project_config: Any, context: Any) -> ModuleResult:
    """Every scene of the board is on exactly one day."""
    board = inputs["strip_board"].data
    budget = params["eighths_a_day"]
    order = [member["id"] for member in board["cast"]]
    days = [
        _day(number, rows, budget, order)
        for number, rows in enumerate(shooting_days(board["rows"], budget), 1)
    ]
    numbers = {member["id"]: member["number"] for member in board["cast"]}
    context.attach("one_liner.csv", csv_bytes(_COLUMNS, _cells(days, numbers)))
    eighths = sum(day["eighths"] for day in days)
    return ModuleResult(
        outputs={
            "one_liner": Output(
                data={
                    "eighths_a_day": budget,
                    "days": days,
                    "cast": [
                        {field: member[field] for field in ("number", "id", "name")}
                        for member in board["cast"]
                    ],
                    "totals": {
                        "days": len(days),
                        "scenes": len(board["rows"]),
                        "eighths": eighths,
                        "pages": pages_text(eighths),
                    },
                },
                files=("one_liner.csv",),
                intent="Propose on which day each scene is shot.",
                rationale=f"By location, then exterior to interior, day to night, {pages_text(budget)} pages a day.",
                alternatives_considered=(
                    "A schedule around people's calendars: the script does not tell them.",
                ),
                confidence=0.5,
            )
        }
    )


def _day(
    number: int, rows: list[Mapping[str, Any]], budget: int, order: list[str]
) -> dict[str, Any]:
    eighths = length(rows)
    called = {entity for row in rows for entity in row["cast"]}
    return {
        "day": number,
        "locations": list(dict.fromkeys(row["location"] for row in rows if row["location"])),
        "eighths": eighths,
        "pages": pages_text(eighths),
        "over_budget": eighths > budget,
        "cast": [entity for entity in order if entity in called],
        "scenes": [{field: row[field] for field in (*_OF_SCENE, *_LENGTH)} for row in rows],
    }


def _cells(days: list[dict[str, Any]], numbers: Mapping[str, int]) -> Iterator[list[Any]]:
    for day in days:
        for row in day["scenes"]:
            shown = [row[column] for column in _COLUMNS[1:-1]]
            yield [day["day"], *shown, "; ".join(str(numbers[entity]) for entity in row["cast"])]
