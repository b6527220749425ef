"""On which day of the story each scene plays: proposed from the light and the words of the headings.

A new day begins when the light goes back (from night to morning), or when a heading says so (NEXT DAY, WEEKS LATER).
A flashback, a flash forward or a dream has no number of its own: `FB`, `FF`, `DR`. What a script says itself
(`[[Script day: 4]]`, a tag of that category) is taken as said, and counted on from there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

_APART = {"flashback": "FB", "flashforward": "FF", "dream": "DR"}
_ORDER = {"dawn": 0, "day": 1, "magic hour": 2, "dusk/dawn": 2, "dusk": 2, "night": 3}
_NEXT = re.compile(
    r"\b(?:NEXT|FOLLOWING)\s+(?:DAY|MORNING|AFTERNOON|EVENING|NIGHT|DAWN)"
    r"|\b(?:DAYS?|WEEKS?|MONTHS?|YEARS?)\s+LATER"
)
_LETTERS = {"day": "D", "night": "N", "dusk/dawn": "D"}


def script_days(rows: Iterable[Mapping[str, Any]]) -> Iterator[str | None]:
    """Of each row `D1`, `N1`, `FB` ...; None of an omitted one.

    Rows are those of the board, with the `time_of_day` and the `said_day` of their reports.
    """
    number, reached = 1, -1
    for row in rows:
        if row["omitted"]:
            yield None
            continue
        said = re.search(r"\d+", row["said_day"] or "")
        apart = next((_APART[mark] for mark in row["marks"] if mark in _APART), None)
        if row["said_day"] and not said:
            yield row["said_day"]
            continue
        if apart and not said:
            yield apart
            continue
        light = _ORDER.get(row["light"] or row["day_night"] or "", reached)
        if said:
            number = int(said.group())
        elif reached >= 0 and (light < reached or _NEXT.search(row["time_of_day"] or "")):
            number += 1
        reached = light
        yield f"{_LETTERS.get(row['day_night'] or '', 'D')}{number}"
