"""A project's `schedule.yaml`: start, days off, order, day breaks, banners by hand; the machine fills in the rest."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from cineforge import (
    ModuleFailed,
    Problem,
    ProblemsFound,
    YamlDocument,
    load_yaml,
    nearest,
    schema_errors,
    suggestion,
)

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
#: Days of years that calendars of other programs know.
_FIRST, _LAST = "1900", "2200"
_SCHEMA = Path(__file__).with_name("schedule.schema.json")

Row = Mapping[str, Any]
Place = tuple[str | int, ...]


@dataclass(frozen=True)
class ByHand:
    """What a person says of the schedule. Scenes are named by their ids."""

    start: date | None = None
    weekdays_off: frozenset[str] = frozenset()
    dates_off: frozenset[date] = frozenset()
    eighths_a_day: int | None = None
    moves_a_day: int | None = None
    drop_after: int | None = None
    order: tuple[str, ...] = ()
    day_breaks: frozenset[str] = frozenset()
    #: (text, day or None, scene or None)
    banners: tuple[tuple[str, int | None, str | None], ...] = ()
    travel: frozenset[str] = field(default_factory=frozenset)


def read_by_hand(path: Path, board: Mapping[str, Any]) -> ByHand:
    """Raises ModuleFailed with every mistake of the file, each with its line."""
    try:
        document = load_yaml(path, all_optional=True)
    except ProblemsFound as found:
        raise ModuleFailed(str(found).replace(str(path), path.name)) from found
    scenes, cast = _scenes(board["rows"]), _cast(board["cast"])
    misfits = list(_misfits(document))
    wrong = {keys for keys, _ in misfits}
    told = [*(problem for _, problem in misfits), *_unknown(document, wrong, scenes, cast)]
    problems = sorted(told, key=lambda problem: problem.line or 0)
    if problems:
        mistakes = f"{len(problems)} mistake{'s' * (len(problems) > 1)}"
        lines = "\n".join(str(problem).replace(str(path), path.name) for problem in problems)
        raise ModuleFailed(f"{path.name} has {mistakes}:\n{lines}")
    data = document.data
    off = [str(each).casefold() for each in data.get("days_off", ())]
    pages = data.get("pages_a_day")
    return ByHand(
        start=date.fromisoformat(data["start"]) if "start" in data else None,
        weekdays_off=frozenset(each for each in off if each.isalpha()),
        dates_off=frozenset(date.fromisoformat(each) for each in off if not each.isalpha()),
        eighths_a_day=None if pages is None else max(1, round(pages * 8)),
        moves_a_day=data.get("moves_a_day"),
        drop_after=data.get("drop_after"),
        order=tuple(scenes[_key(each)] for each in data.get("order", ())),
        day_breaks=frozenset(scenes[_key(each)] for each in data.get("day_breaks", ())),
        banners=tuple(
            (
                each["text"],
                each.get("day"),
                scenes[_key(each["before"])] if "before" in each else None,
            )
            for each in data.get("banners", ())
        ),
        travel=frozenset(cast[_key(each)] for each in data.get("travel", ())),
    )


def _key(named: str | int) -> str:
    return " ".join(str(named).split()).casefold()


def _scenes(rows: Sequence[Row]) -> dict[str, str]:
    """Ids by what a person may call a scene: its number; its place where the script gives it none; its id."""
    by_place = {str(row["ordinal"]): row["scene"] for row in rows if not row["number"]}
    by_number = {_key(row["number"]): row["scene"] for row in reversed(rows) if row["number"]}
    return {**by_place, **{row["scene"]: row["scene"] for row in rows}, **by_number}


def _cast(cast: Sequence[Row]) -> dict[str, str]:
    names = {_key(member["name"]): member["id"] for member in cast}
    return {**names, **{str(member["number"]): member["id"] for member in cast}}


def _misfits(document: YamlDocument) -> Iterator[tuple[Place, Problem]]:
    """What the schema does not allow, by the places that must not be read on."""
    schema = json.loads(_SCHEMA.read_text(encoding="utf-8"))
    for error in schema_errors(schema, document.data):
        problem = document.problem(error.keys, error.message, f"expected {error.expected}")
        yield tuple(error.keys), problem


def _unknown(
    document: YamlDocument,
    wrong: Collection[Place],
    scenes: Mapping[str, str],
    cast: Mapping[str, str],
) -> Iterator[Problem]:
    """Days, scenes and persons that there are none of, in all that fits the schema."""
    data = document.data

    def listed(key: str) -> list[tuple[int, Any]]:
        kept = data.get(key, ()) if (key,) not in wrong else ()
        return [(n, each) for n, each in enumerate(kept) if (key, n) not in wrong]

    if "start" in data and ("start",) not in wrong and not _is_date(data["start"]):
        message = f"there is no day {data['start']}"
        yield document.problem(("start",), message, "write it as 2027-03-01")
    elif "start" in data and ("start",) not in wrong and not _FIRST < data["start"] < _LAST:
        message = f"{data['start']} is no day of our time"
        yield document.problem(("start",), message, "write it as 2027-03-01")
    weekdays = set()
    for n, each in listed("days_off"):
        if each.casefold() in WEEKDAYS:
            weekdays.add(each.casefold())
        elif each[:1].isdigit() and not _is_date(each):
            message = f"there is no day {each}"
            yield document.problem(("days_off", n), message, "write it as 2027-03-01")
        elif not _is_date(each):
            close = nearest(each.casefold(), WEEKDAYS)
            hint = f"did you mean '{close}'?" if close else "write one as monday, or as 2027-03-01"
            message = f"'{each}' is no day of the week and no date"
            yield document.problem(("days_off", n), message, hint)
    if len(weekdays) == len(WEEKDAYS):
        yield document.problem(("days_off",), "no day of the week is left to shoot on")
    named: list[tuple[Place, str | int]] = []
    for key in ("order", "day_breaks"):
        named += [((key, n), each) for n, each in listed(key)]
    for n, banner in listed("banners"):
        if ("day" in banner) == ("before" in banner):
            message = "a banner stands at the head of a day or before a scene"
            yield document.problem(("banners", n), message, "give it either 'day' or 'before'")
        elif "before" in banner and ("banners", n, "before") not in wrong:
            named.append((("banners", n, "before"), banner["before"]))
    for place, each in named:
        if _key(each) not in scenes:
            hint = suggestion(_key(each), list(scenes), shown=8)
            yield document.problem(place, f"there is no scene '{each}' in the script", hint)
    yield from _twice(document, listed("order"), scenes)
    for n, each in listed("travel"):
        if _key(each) not in cast:
            hint = suggestion(_key(each), list(cast), shown=8)
            yield document.problem(("travel", n), f"nobody of the cast is '{each}'", hint)


def _twice(
    document: YamlDocument, order: Sequence[tuple[int, Any]], scenes: Mapping[str, str]
) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for n, each in order:
        scene = scenes.get(_key(each))
        if scene is not None and scene in seen:
            line = document.line(("order", seen[scene]))
            message = f"scene '{each}' stands in the order already, in line {line}"
            yield document.problem(("order", n), message, "keep one of the two")
        elif scene is not None:
            seen[scene] = n


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == len("2027-03-01")
