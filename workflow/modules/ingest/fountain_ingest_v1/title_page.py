"""The title page: `Key: value` lines at the very beginning, values on the same line or indented below."""

from __future__ import annotations

import re
from collections.abc import Callable

from .emphasis import without_emphasis
from .notes import Row

_KEY = re.compile(r"(?P<key>[^\W\d_][^:]{0,60}?)\s*:(?!//)\s*(?P<value>.*)", re.DOTALL)
_USUAL = frozenset(
    [
        "title",
        "credit",
        "author",
        "authors",
        "source",
        "draft",
        "date",
        "contact",
        "notes",
        "copyright",
        "revision",
        "revised",
        "version",
        "format",
        "created",
        "writer",
        "writers",
        "episode",
        "series",
        "network",
        "subtitle",
    ]
)


def title_page(
    rows: list[Row], is_heading: Callable[[str], bool]
) -> tuple[list[dict[str, str]], int]:
    """The entries in their order, keys in small letters, and how many rows they take."""
    first = next((i for i, row in enumerate(rows) if not row.blank and not row.only_notes), None)
    if first is None:
        return [], 0
    end = first
    while end < len(rows) and not rows[end].blank and not is_heading(rows[end].text.strip()):
        end += 1
    entries: list[dict[str, str]] = []
    for row in rows[first:end]:
        indented = row.text[:1].isspace()
        found = None if indented else _KEY.fullmatch(row.text.rstrip())
        if found:
            entries.append({"key": found["key"].strip().casefold(), "value": found["value"]})
        elif entries:
            last = entries[-1]
            last["value"] = "\n".join(filter(None, (last["value"], row.text.strip())))
        else:
            return [], 0
    known = any(_USUAL & set(entry["key"].split()) for entry in entries)
    if not known and (len(entries) < 2 or not all(entry["value"] for entry in entries)):
        return [], 0
    for entry in entries:
        entry["value"] = without_emphasis(entry["value"])[0]
    return entries, end
