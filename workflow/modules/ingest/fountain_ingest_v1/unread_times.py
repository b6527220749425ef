"""Headings that end in what may be a time of day, in words that no vocabulary holds: `INT. KEITTIÖ - YÖ`.

Without a divider (`INT. KEITTIÖ YÖ`) a time is told from a word of a place by what stands before it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .shared.heading_words import HeadingWords, half_width, is_wide
from .shared.scene_heading import heading_parts
from .warnings import Warnings

_LONGEST = 3


def warn_of_unread_times(
    elements: Sequence[Mapping[str, Any]], words: HeadingWords, warnings: Warnings
) -> None:
    """Tells of the last parts of headings without a time that stand behind several places; of all of them where no
    heading of a script tells a time. What is a place or a room in a heading with a time is one here as well."""
    undivided = _Undivided()
    lines: dict[str, list[int]] = defaultdict(list)
    places: dict[str, set[str]] = defaultdict(set)
    known: set[str] = set()
    timed = 0
    for element in elements:
        if element["type"] != "scene_heading" or element.get("omitted"):
            continue
        slug = heading_parts(element["text"], words)
        timed += slug["time_of_day"] is not None
        place = slug["location"]  # `INT.` alone names none
        if place and slug["time_of_day"] is None and slug["int_ext"] and not slug["sublocations"]:
            undivided.add(half_width(place).upper(), element["line"])
        if slug["time_of_day"] is not None:
            known.update(map(str.upper, filter(None, (slug["location"], *slug["sublocations"]))))
        last = half_width(slug["sublocations"][-1]).upper() if slug["sublocations"] else ""
        if last and slug["time_of_day"] is None and slug["int_ext"] and _is_short(last):
            lines[last].append(element["line"])
            places[last].add(slug["location"].upper())
    several = sum(map(len, lines.values())) > 1 and not timed
    for last, found in lines.items():
        if last not in known and (several or len(places[last]) > 1):
            message = (
                f"'{last}' may be a time of day in no known language, read as a room: if it is, name it in"
                f" vocabulary.yaml, as in 'night: [{last}]'"
            )
            for line in found:
                warnings.add(line, "unread-time-words", message, who=last)

    for last, found in undivided.likely(than=timed):
        message = (
            f"'{last}' may be a time of day in no known language, read as part of a place: if it is, name it in"
            f" vocabulary.yaml, as in 'night: [{last}]'"
        )
        for line in found:
            warnings.add(line, "unread-time-in-place", message, who=last)


class _Undivided:
    """Places of headings without a time and without a room, by their last word and what stands before it."""

    def __init__(self) -> None:
        self._lines: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        self._endings: dict[str, set[str]] = defaultdict(set)

    def add(self, place: str, line: int) -> None:
        before, _, last = place.rpartition(" ")
        self._endings[place].add("")
        if before and _is_short(last):
            self._lines[last][before].append(line)
            self._endings[before].add(last)

    def likely(self, than: int) -> Iterator[tuple[str, list[int]]]:
        """Words behind several places, one of which also stands without or with another of them: no POLICE STATION.

        Nothing where as many headings tell a time in words that are known.
        """
        found = {
            last: sorted(line for lines in places.values() for line in lines)
            for last, places in self._lines.items()
            if len(places) > 1 and any(len(self._endings[before]) > 1 for before in places)
        }
        if sum(map(len, found.values())) > than:
            yield from found.items()


def _is_short(part: str) -> bool:
    return not is_wide(part) and len(part.split()) <= _LONGEST and not any(map(str.isdigit, part))
