"""How large a breakdown sheet's letters may be, so that all of a scene stands on one page of Letter or A4."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

USUAL = 9.5
_SMALLEST = 4.5
#: Points: the height and width that both kinds of paper have within the margins, and what three columns leave for text.
_HEIGHT, _WIDTH, _COLUMN = 715, 527, 158
_LINE, _HEAD = 1.3, 1.9
#: The width of a letter, in parts of its height; capitals are wider.
_LETTER = 0.56
_LEAST_BOX = 6


def layout_of(sheet: Mapping[str, Any], boxes: Sequence[Sequence[str]]) -> dict[str, Any]:
    """`{dense, size}`: boxes in rows of three with a line for each element, or, where these do not fit, closely set
    one after another in three columns, in letters as small as need be."""
    rows = [boxes[n : n + 3] for n in range(0, len(boxes), 3)]
    listed = sum(max(max(_listed(box, USUAL), _LEAST_BOX) for box in row) + _HEAD for row in rows)
    if _top(sheet, USUAL) + listed * _LINE * USUAL <= _HEIGHT:
        return {"dense": False, "size": USUAL}
    size = USUAL
    while size > _SMALLEST and not _fits_densely(sheet, boxes, size):
        size -= 0.25
    return {"dense": True, "size": size}


def _fits_densely(sheet: Mapping[str, Any], boxes: Sequence[Sequence[str]], size: float) -> bool:
    lines = sum(_lines("; ".join(box), _COLUMN, size) + _HEAD for box in boxes)
    # What is broken into columns leaves a line free here and there.
    return _top(sheet, size) + (lines / 3 + 3) * _LINE * size <= _HEIGHT


def _listed(box: Sequence[str], size: float) -> int:
    return sum(_lines(text, _COLUMN, size) for text in box)


def _top(sheet: Mapping[str, Any], size: float) -> float:
    """The title, the heading and the table above the boxes."""
    heading = _lines(sheet["heading"], _WIDTH, size * 1.5) * size * 1.5 * _LINE
    told = _lines(sheet["set"], _WIDTH * 0.6, size) + _lines(sheet["description"], _WIDTH, size)
    return heading + (told + 7) * size * _LINE + 30


def _lines(text: str, width: float, size: float) -> int:
    return max(1, math.ceil(len(text) * size * _LETTER / width))
