"""Quotes from an element of a scene, with the line below its heading at which they stand in the source."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from itertools import accumulate
from typing import Any


class Lines:
    """The lines of one element; a position is found without reading the text again."""

    def __init__(self, element: Mapping[str, Any]) -> None:
        self._lines = element["text"].split("\n")
        self._ends = list(accumulate(len(line) + 1 for line in self._lines))
        self._offset = element["offset"]
        self._source_lines = element.get("source_lines", range(len(self._lines)))

    def at(self, position: int) -> dict[str, Any]:
        """`{offset, text}` of the line that holds a position of the element's text."""
        below = bisect_right(self._ends, position)
        return {
            "offset": self._offset + self._source_lines[below],
            "text": self._lines[below].strip(),
        }
