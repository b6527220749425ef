"""Draws a small picture from a prompt: sky, ground, and a figure that is larger the closer the shot."""

from __future__ import annotations

import hashlib
import math
import re

from cineforge import ModuleFailed

from .shared.png import palette_png

HEIGHT = 72
_RATIO = re.compile(r"\s*(\d+(?:\.\d+)?)\s*:\s*(\d+(?:\.\d+)?)\s*")
#: Beyond these a picture of this height is no picture any more.
_NARROWEST, _WIDEST = 0.25, 4.0
#: The figure's height as a share of the picture's.
_FIGURE = {"wide": 0.3, "medium": 0.7, "close": 1.4}
_SKY, _GROUND, _BODY, _HEAD = range(4)


def width_for(aspect_ratio: object) -> int:
    """A picture's width in pixels for an aspect ratio like `2.39:1`. Raises ModuleFailed for anything else."""
    found = _RATIO.fullmatch(aspect_ratio) if isinstance(aspect_ratio, str) else None
    wide, high = (float(part) for part in found.groups()) if found else (0.0, 0.0)
    if not high or not _NARROWEST <= wide / high <= _WIDEST:
        raise ModuleFailed(
            f"the project's aspect_ratio is {aspect_ratio!r}: write width:height between 1:4 and 4:1,"
            ' as in aspect_ratio: "2.39:1"'
        )
    return round(HEIGHT * wide / high)


def draw(prompt: str, size: str, progress: float, width: int) -> bytes:
    """A PNG, the same for the same arguments; in the course of `progress` (0 to 1) the figure crosses the picture."""
    dice = hashlib.sha256(prompt.encode()).digest()
    palette = [(dice[n], dice[n + 1], dice[n + 2]) for n in range(0, 12, 3)]
    horizon = HEIGHT // 3 + dice[12] % (HEIGHT // 3)
    tall = _FIGURE[size] * HEIGHT
    foot = max(horizon + HEIGHT / 8, HEIGHT / 2 + tall / 2)
    middle = width * (0.3 + 0.4 * progress)
    head = tall / 7
    rows = []
    for y in range(HEIGHT):
        row = bytearray([_SKY if y < horizon else _GROUND]) * width
        below_top = y - (foot - tall)
        if 0 <= below_top < 2 * head:
            half = math.sqrt(head**2 - (below_top - head) ** 2)
            _paint(row, middle - half, middle + half, _HEAD)
        elif 2 * head <= below_top < tall:
            _paint(row, middle - 1.5 * head, middle + 1.5 * head, _BODY)
        rows.append(bytes(row))
    return palette_png(width, palette, rows)


def _paint(row: bytearray, start: float, end: float, colour: int) -> None:
    for x in range(max(0, round(start)), min(len(row), round(end))):
        row[x] = colour
