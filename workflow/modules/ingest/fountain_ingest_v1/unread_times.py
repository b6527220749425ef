"""Headings that end in what may be a time of day, in words that no vocabulary holds: `INT. KEITTIÖ - YÖ`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
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
    lines: dict[str, list[int]] = defaultdict(list)
    places: dict[str, set[str]] = defaultdict(set)
    known: set[str] = set()
    timed = 0
    for element in elements:
        if element["type"] != "scene_heading" or element.get("omitted"):
            continue
        slug = heading_parts(element["text"], words)
        timed += slug["time_of_day"] is not None
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


def _is_short(part: str) -> bool:
    return not is_wide(part) and len(part.split()) <= _LONGEST and not any(map(str.isdigit, part))
