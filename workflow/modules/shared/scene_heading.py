"""Reads a scene heading: inside or outside, the place, the time of day.

`INT. HOUSE - KITCHEN - NIGHT` is the prefix, the location, its part, the time. The parts are divided by `--`, an en
or em dash, or a hyphen between spaces. A part counts as a time if all its words do; after a place it is enough that
it ends in one (CHRISTMAS MORNING) or has one beside a slash (DAY / DRIVING), so that the DAY ROOM of a school stays a
place. What stands in brackets is left out of the time. What a heading does not tell is None.
"""

from __future__ import annotations

import re
from typing import Any

#: An establishing shot (EST.) shows a place from outside.
_PLACES = {"INT": "interior", "EXT": "exterior", "EST": "exterior"}
_PREFIX = re.compile(
    r"(?P<both>(?:INT|EXT|I|E)\.?\s*/\s*(?:INT|EXT|I|E)\b\.?)|(?P<one>INT|EXT|EST)(?=[.\s–—-])\.?",
    re.IGNORECASE,
)
_DIVIDER = re.compile(r"\s*(?:--+|[–—])\s*|\s+-\s+|\s+-$|^-\s+")
_ASIDE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_DAY = _set("DAY DAYTIME MORNING NOON MIDDAY AFTERNOON DAWN DAYBREAK SUNRISE SUNSET")
_NIGHT = _set("NIGHT NIGHTTIME MIDNIGHT EVENING DUSK TWILIGHT")
#: Times that say how the scene follows on the one before, not what time it is.
_FOLLOWING = _set("CONTINUOUS CONTINUING SAME LATER MOMENTS AFTER")
_UNITS = _set("SECONDS MINUTES HOURS DAYS WEEKS MONTHS YEARS SECOND MINUTE HOUR WEEK MONTH YEAR")
_QUALIFIERS = _set(
    "A AN THE FEW SOME SEVERAL MANY NEXT THAT THIS PREVIOUS FOLLOWING SAME TIME EARLY EARLIER LATE MID PRE POST "
    "MAGIC GOLDEN AGO BEFORE AFTER FOR AND TO OF AM PM O'CLOCK ONE TWO THREE FOUR FIVE SIX SEVEN EIGHT NINE TEN"
)
_TIMES = _DAY | _NIGHT | _FOLLOWING | _UNITS
_CLOCK = re.compile(r"\d{1,2}[:.]\d{2}(?:AM|PM)?|\d{1,2}(?:AM|PM)")


def heading_parts(heading: str) -> dict[str, Any]:
    """`int_ext` (interior, exterior, both), `location`, `sublocations`, `time_of_day`, `day_night` (day, night)."""
    prefix = _PREFIX.match(heading)
    int_ext, rest = None, heading
    if prefix:
        int_ext = "both" if prefix["both"] else _PLACES[prefix["one"].upper()]
        rest = heading[prefix.end() :]
    parts = [part.strip() for part in _DIVIDER.split(rest) if part.strip()]
    times: list[str] = []
    places: list[str] = []
    for part in parts:
        plain = _without_aside(part)
        if _is_time(plain) or (places and _names_a_time(plain)):
            times.append(plain)
        else:
            places.append(part)
    time = " - ".join(times) or None
    return {
        "int_ext": int_ext,
        "location": places[0] if places else None,
        "sublocations": places[1:],
        "time_of_day": time,
        "day_night": _day_night(time),
    }


def _without_aside(part: str) -> str:
    return " ".join(_ASIDE.sub(" ", part).split()).upper()


def _words(part: str) -> list[str]:
    return re.findall(r"[^\s,/-]+", part.replace("A.M.", "AM").replace("P.M.", "PM"))


def _names_a_time(part: str) -> bool:
    """Among other words: CHRISTMAS MORNING, DAY / DRIVING."""
    ends_in_one = bool(set(_words(part)[-1:]) & (_DAY | _NIGHT))
    return ends_in_one or any(_is_time(piece) for piece in part.split("/"))


def _is_time(part: str) -> bool:
    words = [word.rstrip(".") for word in _words(part)]
    if any(_CLOCK.fullmatch(word) for word in words):
        return all(_CLOCK.fullmatch(w) or w in _TIMES or w in _QUALIFIERS for w in words)
    known = all(word in _TIMES or word in _QUALIFIERS or word.isdecimal() for word in words)
    return known and any(word in _TIMES for word in words)


def _day_night(time: str | None) -> str | None:
    words = set(_words(time or ""))
    day, night = bool(words & _DAY), bool(words & _NIGHT)
    if day == night:
        return None
    return "day" if day else "night"
