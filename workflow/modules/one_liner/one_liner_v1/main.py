"""From the strip board to the one-liner schedule: a line for each scene, under the day on which it is shot."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Any

from cineforge import Inputs, ModuleContext, ModuleResult, Output, Params, ProjectValues

from .by_hand import ByHand, read_by_hand
from .calendar import dates
from .days import Limits, length, lights_of, moves_in, shooting_days
from .rules import told_rules
from .shared.csv_table import csv_bytes
from .shared.page_layout import pages_text

_COLUMNS = [
    *("day", "ordinal", "number", "scene", "int_ext", "day_night", "heading", "description"),
    *("pages", "cast", "date", "script_day"),
]
_OF_SCENE = [
    *("ordinal", "number", "scene", "int_ext", "day_night", "heading", "location_id", "location"),
    *("description", "eighths", "pages", "cast", "voices", "script_day", "marks"),
]

Row = Mapping[str, Any]


def run_module(
    inputs: Inputs, params: Params, project_config: ProjectValues, context: ModuleContext
) -> ModuleResult:
    """Every scene of the board is on exactly one day; those omitted are on none."""
    board = inputs.one("strip_board").data
    rows = [row for row in board["rows"] if not row.get("omitted")]
    plan = ByHand()
    if context.has_source("schedule"):
        plan = read_by_hand(context.source("schedule"), board)
    limits = Limits(
        plan.eighths_a_day or params["eighths_a_day"],
        params["moves_a_day"] if plan.moves_a_day is None else plan.moves_a_day,
    )
    drop_after = params["drop_after"] if plan.drop_after is None else plan.drop_after
    planned, by_hand = shooting_days(rows, limits, plan.order, plan.day_breaks)
    order = [member["id"] for member in board["cast"]]
    days = [
        _day(number, day, shot, limits, order, plan, by_hand)
        for number, (shot, day) in enumerate(
            zip(planned, dates(plan, len(planned)), strict=True), 1
        )
    ]
    shot_scenes = {row["scene"] for row in rows}
    for text, at, scene in plan.banners:
        if (at or 0) > len(days) or (scene is not None and scene not in shot_scenes):
            where = f"there are {len(days)} days" if at else "its scene is omitted"
            context.log.warning("schedule.yaml: the banner '%s' stands nowhere: %s", text, where)
    numbers = {member["id"]: member["number"] for member in board["cast"]}
    context.attach("one_liner.csv", csv_bytes(_COLUMNS, _cells(days, numbers)))
    context.attach("schedule.yaml", _as_a_file(days, plan, limits, drop_after).encode())
    eighths = sum(day["eighths"] for day in days)
    told = sum(a["locations"][-1:] != b["locations"][:1] for a, b in pairwise(days))
    return ModuleResult(
        outputs={
            "one_liner": Output(
                data={
                    "eighths_a_day": limits.eighths,
                    "drop_after": drop_after,
                    "travel": sorted(plan.travel, key=order.index),
                    "days_off": [*sorted(plan.weekdays_off), *sorted(map(str, plan.dates_off))],
                    "rules": told_rules(planned, limits, by_hand),
                    "days": days,
                    "cast": [
                        {field: member[field] for field in ("number", "id", "name")}
                        for member in board["cast"]
                    ],
                    "totals": {
                        "days": len(days),
                        "scenes": len(rows),
                        "eighths": eighths,
                        "pages": pages_text(eighths),
                        "moves": sum(day["moves"] for day in days),
                        "moves_between": told,
                    },
                },
                files=("one_liner.csv", "schedule.yaml"),
                intent="Propose on which day each scene is shot.",
                rationale=f"By location, light and cast, {pages_text(limits.eighths)} pages a day"
                + (f"; {by_hand} days by hand." if by_hand else "."),
                alternatives_considered=(
                    "A schedule around people's calendars: the script does not tell them.",
                ),
                confidence=0.5,
            )
        }
    )


def _day(
    number: int,
    day: date | None,
    rows: Sequence[Row],
    limits: Limits,
    order: Sequence[str],
    plan: ByHand,
    by_hand: int,
) -> dict[str, Any]:
    eighths = length(rows)
    called = {entity for row in rows for entity in row["cast"]}
    here = {row["scene"] for row in rows}
    return {
        "day": number,
        "date": None if day is None else day.isoformat(),
        "by_hand": number <= by_hand,
        "locations": list(dict.fromkeys(row["location"] for row in rows if row["location"])),
        "lights": lights_of(rows),
        "moves": moves_in(rows),
        "banners": [
            {"text": text, "before": scene}
            for text, at, scene in plan.banners
            if at == number or scene in here
        ],
        "eighths": eighths,
        "pages": pages_text(eighths),
        "over_budget": eighths > limits.eighths,
        "cast": [entity for entity in order if entity in called],
        "scenes": [{field: row.get(field) for field in _OF_SCENE} for row in rows],
    }


def _cells(days: list[dict[str, Any]], numbers: Mapping[str, int]) -> Iterator[list[Any]]:
    for day in days:
        for row in day["scenes"]:
            shown = [row[column] for column in _COLUMNS[1:9]]
            cast = "; ".join(str(numbers[entity]) for entity in row["cast"])
            yield [day["day"], *shown, cast, day["date"], row["script_day"]]


def _as_a_file(
    days: Sequence[Mapping[str, Any]], plan: ByHand, limits: Limits, drop_after: int
) -> str:
    """This schedule as a `schedule.yaml`, to be copied into the project and changed there."""
    numbers = [row["number"] for day in days for row in day["scenes"]]
    # Numbers that two scenes share would name one of them twice.
    own = all(numbers) and len({number.casefold() for number in numbers}) == len(numbers)
    lines = [
        "# This schedule as it is. Copied beside config.yaml and changed, it is the schedule from then on."
    ]
    if plan.start is not None:
        lines.append(f"start: {plan.start.isoformat()}")
    off = [*sorted(plan.weekdays_off), *sorted(map(str, plan.dates_off))]
    if off:
        lines.append(f"days_off: [{', '.join(off)}]")
    lines += [f"pages_a_day: {limits.eighths / 8:g}", f"moves_a_day: {limits.moves}"]
    lines += [f"drop_after: {drop_after}", "order:"]
    for day in days:
        lines.append(
            f"  # day {day['day']}: {json.dumps('; '.join(day['locations']), ensure_ascii=False)}"
        )
        for row in day["scenes"]:
            name = json.dumps(str(row["number"] if own else row["scene"]), ensure_ascii=False)
            lines.append(f"  - {name}  # {' '.join(row['heading'].split())}")
    last = (str(day["scenes"][-1]["number" if own else "scene"]) for day in days)
    lines.append(f"day_breaks: {json.dumps(list(last), ensure_ascii=False)}")
    return "\n".join(lines) + "\n"
