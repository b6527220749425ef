"""Which scenes are shot on which day. A start to argue with, not a plan: it knows nothing of anybody's calendar.

1. Scenes that `schedule.yaml` puts in order come first, in that order; a day ends where it says so, and where a rule
   below would be broken.
2. The others are gathered by location. Within a location dawn comes before day, then dusk, then night; by each light
   exteriors before interiors; then script order. Days are filled up to the pages of a day, and a day has one change of
   light at most.
3. What is left over of a location shares a day with what is left over of others, as far as pages, light and the number
   of company moves allow: with those first that share most of the cast.
4. The days of one location stay together. These groups are put in the order in which the cast is held least: each is
   tried at each place, and the best change made, until none is better (or the work that is allowed for is done).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

Row = Mapping[str, Any]
Day = list[Row]

_PLACES = ("exterior", "both", "interior")
_LIGHTS = ("dawn", "day", "dusk", "night")
_LIGHT_OF = {"dusk/dawn": "dusk", "magic hour": "dusk"}
#: How much is tried to hold the cast less; the result depends on this number alone, not on the machine.
_EFFORT = 3_000_000


@dataclass(frozen=True)
class Limits:
    """What a day holds at most."""

    eighths: int
    moves: int


def light_of(row: Row) -> str | None:
    """dawn, day, dusk or night; None where the script does not tell, which goes with every light."""
    told = row.get("light") or row["day_night"]
    return _LIGHT_OF.get(told, told)


def lights_of(rows: Iterable[Row]) -> list[str]:
    """The lights of some scenes as they follow one another."""
    lights: list[str] = []
    for row in rows:
        light = light_of(row)
        if light and (not lights or lights[-1] != light):
            lights.append(light)
    return lights


def length(rows: Iterable[Row]) -> int:
    """The sum in eighths of a page."""
    return sum(row["eighths"] for row in rows)


def moves_in(rows: Sequence[Row]) -> int:
    """Company moves: how often a scene is shot at another location than the one before."""
    return sum(a["location_id"] != b["location_id"] for a, b in pairwise(rows))


def shooting_days(
    rows: Sequence[Row],
    limits: Limits,
    order: Sequence[str] = (),
    day_breaks: Iterable[str] = (),
) -> tuple[list[Day], int]:
    """The rows of a strip board, each on exactly one day, no day empty; and how many days were ordered by hand."""
    by_id = {row["scene"]: row for row in rows}
    breaks = set(day_breaks)
    fixed = _filled([by_id[scene] for scene in order if scene in by_id], limits, breaks, True)
    rest = [row for row in rows if row["scene"] not in set(order)]
    groups = _shared(_by_location(rest, limits, breaks), limits)
    ordered = _least_holds(groups, fixed)
    return fixed + [day for group in ordered for day in group], len(fixed)


def _by_location(rows: Sequence[Row], limits: Limits, breaks: set[str]) -> list[list[Day]]:
    """The days of each location, in the order in which the script first goes there; without one come last."""
    places: dict[str | None, list[Row]] = {}
    for row in rows:
        places.setdefault(row["location_id"], []).append(row)
    ordered = sorted(places.items(), key=lambda item: item[0] is None)
    return [_filled(sorted(here, key=_turn), limits, breaks, False) for _, here in ordered]


def _turn(row: Row) -> tuple[int, int, int]:
    light = light_of(row)
    return (
        _LIGHTS.index(light) if light in _LIGHTS else _LIGHTS.index("day"),
        _PLACES.index(row["int_ext"]) if row["int_ext"] in _PLACES else len(_PLACES),
        row["ordinal"],
    )


def _filled(rows: Sequence[Row], limits: Limits, breaks: set[str], by_hand: bool) -> list[Day]:
    """Rows in their order, in days. Of rows ordered by hand the moves are as that person wants them."""
    days: list[Day] = []
    ended = True
    for row in rows:
        if ended or not _fits([*days[-1], row], limits, by_hand):
            days.append([])
        days[-1].append(row)
        ended = row["scene"] in breaks
    return days


def _fits(day: Day, limits: Limits, by_hand: bool = False) -> bool:
    if length(day) > limits.eighths or (not by_hand and moves_in(day) > limits.moves):
        return False
    lights = lights_of(day)
    order = [_LIGHTS.index(light) for light in lights]
    return len(lights) <= 2 and (by_hand or order == sorted(order))


def _shared(places: Sequence[list[Day]], limits: Limits) -> list[list[Day]]:
    """Groups of days that stay together, where what is left over of several locations shares a day."""
    left = [n for n, days in enumerate(places) if length(days[-1]) < limits.eighths]
    left.sort(key=lambda n: (-length(places[n][-1]), n))
    casts = {n: {who for row in places[n][-1] for who in row["cast"]} for n in left}
    groups: list[list[Day]] = []
    done: set[int] = set()
    for n in left:
        if n in done:
            continue
        done.add(n)
        members, day = [n], places[n][-1]
        while len(members) <= limits.moves:
            joined = _best_partner(left, done, places, casts, day, limits, casts[n])
            if joined is None:
                break
            other, day = joined
            done.add(other)
            members.append(other)
        before = list(places[n][:-1])
        after = [each for other in members[1:] for each in places[other][:-1]]
        groups.append([*before, day, *after])
    groups += [days for n, days in enumerate(places) if n not in done]
    return sorted(groups, key=lambda group: min(map(_first_seen, group)))


def _best_partner(
    left: Sequence[int],
    done: set[int],
    places: Sequence[list[Day]],
    casts: Mapping[int, set[str]],
    day: Day,
    limits: Limits,
    cast: set[str],
) -> tuple[int, Day] | None:
    """The leftover that shares most of the cast, of those the fullest; with the day that both make."""
    room = limits.eighths - length(day)
    best: tuple[int, int, int] | None = None
    made: Day = []
    for n in left:
        size = length(places[n][-1])
        if n in done or size > room:
            continue
        rank = (len(cast & casts[n]), size, -n)
        if best is not None and rank <= best:
            continue
        both = sorted((day, places[n][-1]), key=_first_seen)
        for together in ([*both[0], *both[1]], [*both[1], *both[0]]):
            if _fits(together, limits):
                best, made = rank, together
                break
    return None if best is None else (-best[2], made)


def _first_seen(rows: Sequence[Row]) -> int:
    first: int = min(row["ordinal"] for row in rows)
    return first


def _least_holds(groups: list[list[Day]], fixed: Sequence[Day]) -> list[list[Day]]:
    """The groups in the order in which the cast is held for the fewest days."""
    spans = [_spans(group) for group in groups]
    lengths = [len(group) for group in groups]
    anchored = _spans(fixed)
    order = list(range(len(groups)))
    best = _held(order, spans, lengths, anchored, len(fixed))
    effort = sum(map(len, spans)) + 1
    spent = 0
    while spent < _EFFORT:
        found: tuple[int, list[int]] | None = None
        for at in range(len(order)):
            taken = order[:at] + order[at + 1 :]
            for to in range(len(order)):
                if to == at:
                    continue
                tried = [*taken[:to], order[at], *taken[to:]]
                spent += effort
                held = _held(tried, spans, lengths, anchored, len(fixed))
                if held < best and (found is None or held < found[0]):
                    found = held, tried
            if spent >= _EFFORT:
                break
        if found is None:
            break
        best, order = found
    return [groups[n] for n in order]


def _spans(days: Sequence[Day]) -> list[tuple[str, int, int]]:
    """Of everybody on the set in some days: their first and their last one."""
    first: dict[str, int] = {}
    last: dict[str, int] = {}
    for number, day in enumerate(days):
        for row in day:
            for who in row["cast"]:
                first.setdefault(who, number)
                last[who] = number
    return [(who, first[who], last[who]) for who in first]


def _held(
    order: Sequence[int],
    spans: Sequence[list[tuple[str, int, int]]],
    lengths: Sequence[int],
    anchored: Sequence[tuple[str, int, int]],
    start: int,
) -> int:
    """The days from everybody's start to their finish; of one set of days, that differs by the holds alone."""
    first = {who: begin for who, begin, _ in anchored}
    last = {who: end for who, _, end in anchored}
    day = start
    for n in order:
        for who, begin, end in spans[n]:
            if who not in first:
                first[who] = day + begin
            last[who] = day + end
        day += lengths[n]
    return sum(last.values()) - sum(first.values())
