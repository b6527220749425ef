"""Quotes from a scene, with the line below its heading at which they stand in the source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def line_at(element: Mapping[str, Any], position: int) -> dict[str, Any]:
    """`{offset, text}` of the line that holds a position of the element's text."""
    lines = element["text"].split("\n")
    below = element["text"].count("\n", 0, position)
    source_lines = element.get("source_lines", range(len(lines)))
    return {"offset": element["offset"] + source_lines[below], "text": lines[below].strip()}
